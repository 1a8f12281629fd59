using Npgsql;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Waits until what was committed in the background is on disk: one flush for all who wait. Those who come while one is under way
/// share the next, since what they committed may lie behind the end of what is being written.
/// </summary>
internal sealed class PostgresFlushes(NpgsqlDataSource source)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task? _next;

    public Task FlushAsync()
    {
        lock (_gate)
        {
            return _next ??= FlushAfterAsync(_running);
        }
    }

    private async Task FlushAfterAsync(Task before)
    {
        // Whether that one failed concerns those who waited for it. Not under the gate, either way.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (_running, _next) = (_next ?? Task.CompletedTask, null);
        }

        // Whatever is written by a transaction that waits for the disk, all of the log before its end is there when it returns.
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select pg_logical_emit_message(true, 'pulp', '')";
        await command.ExecuteNonQueryAsync();
    }
}
