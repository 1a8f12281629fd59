using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Waits until what was committed in the background is on disk: one flush, and one round trip, for all who wait. Those who come while
/// one is under way share the next, since what they committed may lie behind the end of what is being written.
/// </summary>
internal sealed class PostgresFlushes(SqlSession database)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Round? _next;

    /// <summary>Answers whether what was committed was there, and is on disk now.</summary>
    /// <param name="committed">A select that finds it.</param>
    public async Task<bool> FlushAsync(SqlText committed)
    {
        Round round;
        int mine;
        lock (_gate)
        {
            round = _next ??= new Round();
            mine = round.Committed.Count;
            round.Committed.Add(committed);
            round.Found ??= RunAfterAsync(_running);
        }

        return (await round.Found)[mine];
    }

    private async Task<IReadOnlyList<bool>> RunAfterAsync(Task before)
    {
        // Whether that one failed concerns those who waited for it. Not under the gate, either way.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Round round;
        lock (_gate)
        {
            round = _next ?? throw new InvalidOperationException("A round is begun once.");
            (_running, _next) = (round.Found ?? Task.CompletedTask, null);
        }

        // One transaction, which waits for the disk: all of the log before its end is there when it returns. Had the database crashed
        // since it found what was committed, the connection would be gone, and nothing be answered.
        SqlText[] statements =
        [
            .. round.Committed.Select(c => (SqlText)$"select count(*) from ({c}) committed"),
            $"select cast(pg_logical_emit_message(true, 'pulp', '') as text)",
        ];
        var answers = await database.RunAsync(
            write: false,
            lease => database.Dialect.BatchAsync(lease, statements, CancellationToken.None),
            CancellationToken.None
        );
        return [.. answers.SkipLast(1).Select(rows => rows[0][0] is > 0L)];
    }

    /// <summary>Those who share a flush.</summary>
    private sealed class Round
    {
        public List<SqlText> Committed { get; } = [];

        public Task<IReadOnlyList<bool>>? Found { get; set; }
    }
}
