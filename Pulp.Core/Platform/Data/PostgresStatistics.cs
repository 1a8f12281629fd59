using Pulp.Core.Platform.Background;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Tells the planner how large tables have become that it takes for much smaller ones. Autovacuum does so each minute, which is long
/// in a new database: until then, statements go on with plans that were made for empty tables, and read whole ones.
/// </summary>
internal sealed class PostgresStatistics(Database database, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const long WorthIt = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private int _disposed;

    public void Start() =>
        _run = Task.Run(() =>
            new Turns("Telling PostgreSQL how large its tables are", Interval, clock, logger).RunAsync(
                AnalyzeAsync,
                _stop.Token
            )
        );

    // Others may have tables in the same schema: names as ours are all that it takes.
    /// <summary>Looks at the tables that have more than doubled since they were looked at last.</summary>
    public async Task AnalyzeAsync(CancellationToken cancellationToken)
    {
        var grown = await database.QueryAsync<string>(
            $"""
            select c.relname from pg_stat_user_tables s join pg_class c on c.oid = s.relid
             where s.schemaname = current_schema() and c.relname ~ '^[a-z0-9]+_[a-z0-9_]+$' and pg_has_role(c.relowner, 'USAGE')
               and s.n_live_tup > {WorthIt}
               and s.n_live_tup > 2 * greatest(c.reltuples, 0)
            """,
            cancellationToken
        );
        foreach (var table in grown)
        {
            await database.ExecuteAsync($"analyze (skip_locked) {Sql.Name(table)}", cancellationToken);
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
