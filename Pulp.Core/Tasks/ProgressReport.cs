using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>Counts in memory and stores some times a second, whatever the number of steps.</summary>
internal sealed class ProgressReport(
    Database database,
    TimeProvider clock,
    Guid task,
    string message,
    string code,
    long? total
) : IProgressReport
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly Guid _id = Ids.New(clock.GetUtcNow());
    private readonly SemaphoreSlim _storing = new(1, 1);
    private long _done;
    private long? _total = total;
    private long _storedAt = clock.GetTimestamp();
    private bool _isComplete;

    public void Increment(long by = 1)
    {
        Interlocked.Add(ref _done, by);
        if (clock.GetElapsedTime(Volatile.Read(ref _storedAt)) > Interval && _storing.Wait(0))
        {
            _ = StoreInBackgroundAsync();
        }
    }

    public void SetTotal(long total) => _total = total;

    public void Complete() => _isComplete = true;

    // Stored with the task's end, whichever that is.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task StoreInBackgroundAsync()
    {
        try
        {
            await database.ExecuteAsync(Statement(TaskStates.Running), CancellationToken.None);
        }
        catch (Exception error) when (error is PulpException or System.Data.Common.DbException)
        {
            // Progress is a courtesy: the next interval tries again, and the task's end stores it for good.
        }
        finally
        {
            Volatile.Write(ref _storedAt, clock.GetTimestamp());
            _storing.Release();
        }
    }

    /// <summary>The last word, for the transaction that ends the task.</summary>
    public SqlText Store(string taskState) =>
        Statement(taskState == TaskStates.Completed || _isComplete ? TaskStates.Completed : taskState);

    // A word on the way that arrives behind the last one changes nothing.
    private SqlText Statement(string state) =>
        $"""
            insert into core_progressreport (pulp_id, task_id, message, code, state, total, done)
            values ({_id}, {task}, {message}, {code}, {state}, {_total}, {Interlocked.Read(ref _done)})
            on conflict (pulp_id) do update set state = excluded.state, done = excluded.done, total = excluded.total
             where core_progressreport.state = 'running'
            """;
}
