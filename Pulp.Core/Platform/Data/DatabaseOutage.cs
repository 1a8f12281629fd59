namespace Pulp.Core.Platform.Data;

/// <summary>
/// Says once that the database can't be reached and once that it can again. Everybody who needs it meanwhile fails too: nobody
/// else has to log that.
/// </summary>
internal sealed partial class DatabaseOutage(TimeProvider clock, ILogger logger)
{
    private Beginning? _beginning;

    private sealed record Beginning(long At);

    /// <summary>What to throw when the connection broke or can't be had.</summary>
    public DatabaseUnavailableException Unavailable(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _beginning, new Beginning(clock.GetTimestamp()), null) is null)
        {
            LogBegan(reason.Message);
        }

        return new DatabaseUnavailableException(reason);
    }

    /// <summary>A statement was answered.</summary>
    public void Answered()
    {
        if (Volatile.Read(ref _beginning) is not null && Interlocked.Exchange(ref _beginning, null) is { } beginning)
        {
            LogOver(clock.GetElapsedTime(beginning.At).TotalSeconds);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database can't be reached; what needs it fails or waits until it can: {Reason}"
    )]
    private partial void LogBegan(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database can be reached again, after {Seconds:0.0} s")]
    private partial void LogOver(double seconds);
}
