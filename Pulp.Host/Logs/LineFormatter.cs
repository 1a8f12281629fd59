using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Pulp.Core.Platform.Http;

namespace Pulp.Host.Logs;

/// <summary>Each entry is one line for people: time, level, category, correlation id, message.</summary>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "pulp";
    public const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    public override void Write<TState>(
        in LogEntry<TState> logEntry,
        IExternalScopeProvider? scopeProvider,
        TextWriter textWriter
    )
    {
        textWriter.Write(clock.GetUtcNow().UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture));
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(logEntry.Category);
        textWriter.Write(' ');
        var innermost = new StrongBox<CorrelationScope?>();
        scopeProvider?.ForEachScope(
            static (scope, found) => found.Value = scope as CorrelationScope ?? found.Value,
            innermost
        );
        if (innermost.Value is { } correlation)
        {
            textWriter.Write('[');
            textWriter.Write(correlation.Id);
            textWriter.Write("] ");
        }

        WriteOnOneLine(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(' ');
            WriteOnOneLine(textWriter, exception.ToString());
        }

        textWriter.Write('\n');
    }

    // What came from outside can't begin a line that looks like one of ours.
    private static void WriteOnOneLine(TextWriter writer, string text) =>
        writer.Write(text.ReplaceLineEndings(" ").Replace('\0', ' '));

    private static string Level(LogLevel level) =>
        level switch
        {
            LogLevel.Trace => "trce: ",
            LogLevel.Debug => "dbug: ",
            LogLevel.Information => "info: ",
            LogLevel.Warning => "warn: ",
            LogLevel.Error => "fail: ",
            _ => "crit: ",
        };
}
