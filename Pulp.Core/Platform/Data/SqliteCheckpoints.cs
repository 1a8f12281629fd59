using Microsoft.Data.Sqlite;
using Pulp.Core.Platform.Background;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Moves the write-ahead log into the database beside the writers instead of in one of their commits, where its flushing would
/// hold everybody up. SQLite's own checkpoint stays as the safety net, at a size that is rarely reached.
/// </summary>
internal sealed class SqliteCheckpoints(string log, Func<SqliteConnection> open, TimeProvider clock, ILogger logger)
    : IAsyncDisposable
{
    private const long WorthIt = 8 * 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private SqliteConnection? _connection;
    private long _done;
    private int _disposed;

    public void Start() => _run = Task.Run(RunAsync);

    private async Task RunAsync()
    {
        await new Turns("Moving SQLite's log into the database", Interval, clock, logger).RunAsync(
            CheckpointAsync,
            _stop.Token
        );
        await CloseAsync();
    }

    private async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        // A log that was moved completely is written over from its start: only its growth means work.
        var size = new FileInfo(log) is { Exists: true } file ? file.Length : 0;
        if (
            size < WorthIt
            || (size == _done && File.GetLastWriteTimeUtc(log) < clock.GetUtcNow().UtcDateTime.AddSeconds(-5))
        )
        {
            return;
        }

        try
        {
            _connection ??= open();
            await using var command = _connection.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(passive)";
            await command.ExecuteNonQueryAsync(cancellationToken);
            _done = size;
        }
        catch (SqliteException)
        {
            await CloseAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
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
