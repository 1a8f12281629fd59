namespace Pulp.Core.Platform.Background;

/// <summary>
/// Work at intervals that outlives whatever a single turn fails with: the next turn tries again. The log tells the first failure in a
/// row, and when it works again.
/// </summary>
internal sealed partial class Turns(string what, TimeSpan interval, TimeProvider clock, ILogger logger)
{
    private bool _failing;

    /// <summary>Goes on until it is stopped; never throws.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> turn, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await TryAsync(turn, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>One turn; false when it failed.</summary>
    public async Task<bool> TryAsync(Func<CancellationToken, Task> turn, CancellationToken stop)
    {
        try
        {
            await turn(stop);
            if (_failing)
            {
                LogWell(what);
                _failing = false;
            }

            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (DatabaseUnavailableException)
        {
            // The database has said so.
            return false;
        }
        catch (Exception error)
        {
            if (!_failing)
            {
                LogFailing(what, error.Message, error is PulpException or IOException ? null : error);
                _failing = true;
            }

            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed and is tried again: {Reason}")]
    private partial void LogFailing(string what, string reason, Exception? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} works again")]
    private partial void LogWell(string what);
}
