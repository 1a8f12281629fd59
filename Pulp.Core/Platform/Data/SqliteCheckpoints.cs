using Microsoft.Data.Sqlite;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Moves the write-ahead log into the database beside the writers instead of in one of their commits, where its flushing would
/// hold everybody up. SQLite's own checkpoint stays as the safety net, at a size that is rarely reached.
/// </summary>
internal sealed class SqliteCheckpoints(string log, Func<SqliteConnection> open, TimeProvider clock) : IAsyncDisposable
{
    private const long WorthIt = 8 * 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private int _disposed;

    public void Start() => _run = Task.Run(RunAsync);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        SqliteConnection? connection = null;
        long done = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                // A log that was moved completely is written over from its start: only its growth means work.
                var size = new FileInfo(log) is { Exists: true } file ? file.Length : 0;
                if (
                    size < WorthIt
                    || (size == done && File.GetLastWriteTimeUtc(log) < clock.GetUtcNow().UtcDateTime.AddSeconds(-5))
                )
                {
                    continue;
                }

                connection ??= open();
                await using var command = connection.CreateCommand();
                command.CommandText = "pragma wal_checkpoint(passive)";
                await command.ExecuteNonQueryAsync(_stop.Token);
                done = size;
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
