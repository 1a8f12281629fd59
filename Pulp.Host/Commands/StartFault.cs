using System.Data.Common;
using System.Net.Sockets;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>The server can't start: the message is for the operator, a line for each fault, and names the setting.</summary>
internal sealed class StartFault(string message) : Exception(message)
{
    public StartFault(IReadOnlyCollection<string> faults)
        : this(
            faults.Count == 1
                ? $"The server can't start: {faults.First()}"
                : "The server can't start:" + string.Concat(faults.Select(f => $"\n  {f}"))
        ) { }

    /// <summary>A fault of what a setting names: a directory, an address, the database.</summary>
    public static StartFault Of(string setting, Exception error) => new([$"{setting}: {OneLine(error)}"]);

    /// <summary>What the database answered; with SQLite, of which file.</summary>
    public static StartFault OfDatabase(IServiceProvider services, Exception error) =>
        services.GetRequiredService<Database>() is SqliteDatabase { Path: var path }
            ? new([$"DATABASE: {path}: {OneLine(error)}"])
            : Of("DATABASE", error);

    /// <summary>Whether the surroundings are at fault, and not the program: the message is enough, a stack trace tells nothing.</summary>
    public static bool IsOfSurroundings(Exception error) =>
        error
            is IOException
                or UnauthorizedAccessException
                or SocketException
                or DbException
                or DatabaseUnavailableException;

    /// <summary>What Kestrel and the background services throw when they start.</summary>
    public static StartFault WhileStarting(Exception error, PulpSettings settings) =>
        error switch
        {
            DbException or DatabaseUnavailableException => Of("DATABASE", error),
            IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => Of(
                "LISTEN",
                error
            ),
            SocketException => new([$"LISTEN: {string.Join(", ", settings.Listen)}: {OneLine(error)}"]),
            _ => new([OneLine(error)]),
        };

    /// <summary>The message of an exception without line breaks; of a lost connection, the reason.</summary>
    public static string OneLine(Exception error)
    {
        var told = error is DatabaseUnavailableException { InnerException: { } inner } ? inner : error;
        var lines = told.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(' ', lines).TrimEnd('.') + ".";
    }
}
