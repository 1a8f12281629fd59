using Microsoft.Extensions.Logging.Console;
using Pulp.Core.Platform.Settings;

namespace Pulp.Host.Logs;

/// <summary>What is logged, and how a line looks.</summary>
internal static class Logging
{
    public static void Configure(ILoggingBuilder logging, PulpSettings settings)
    {
        var starting = new StartLogging();
        logging.Services.AddSingleton(starting);
        logging.ClearProviders();
        if (settings.LogFormat == "json")
        {
            logging.AddJsonConsole(o =>
            {
                o.IncludeScopes = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = LineFormatter.TimestampFormat.TrimEnd();
            });
        }
        else
        {
            logging.AddConsole(o => o.FormatterName = LineFormatter.FormatterName);
            logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        }

        logging.SetMinimumLevel(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        logging.AddFilter(StartLogging.HostCategory, level => starting.IsOver && level >= LogLevel.Warning);

        // ASP.NET would make an activity and a scope for each request, for lines that nobody wants: ours has its own.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }
}

/// <summary>
/// While the server starts, whoever started it tells what went wrong, in one line. The host's own complaint with its stack trace
/// counts from then on, when nobody else would tell.
/// </summary>
internal sealed class StartLogging
{
    public const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    public volatile bool IsOver;
}
