using System.Data.Common;
using Npgsql;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>PostgreSQL: everything that scales.</summary>
internal sealed class PostgresDatabase : Database
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresSignals _signals;

    public PostgresDatabase(string connectionString, TimeProvider clock, ILogger<Database> logger)
        : base(new PostgresDialect(), clock, new DatabaseOutage(clock, logger))
    {
        DapperMapping.Register();
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            ApplicationName = "pulp",
            // Nothing here leaves anything behind in a session: no temporary tables, only locks that end with their transaction.
            NoResetOnClose = true,
        };
        if (!settings.ContainsKey("Maximum Pool Size"))
        {
            settings.MaxPoolSize = 30;
        }

        var source = new NpgsqlDataSourceBuilder(settings.ToString());
        source.UsePhysicalConnectionInitializer(Prepare, PrepareAsync);
        _source = source.Build();
        _signals = new PostgresSignals(settings.ToString(), logger);
    }

    /// <summary>
    /// Indexes are read from memory or a solid disk. With the default, made for spinning ones, a page of a hundred units is joined
    /// by reading a whole table. (Not as a start-up option: poolers refuse those.)
    /// </summary>
    private const string Planner = "set random_page_cost = 1.1";

    public override Signals Signals => _signals;

    public override SqlText Now => $"clock_timestamp()";

    private static void Prepare(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Planner, connection);
        command.ExecuteNonQuery();
    }

    private static async Task PrepareAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Planner, connection);
        await command.ExecuteNonQueryAsync();
    }

    protected internal override async ValueTask<ConnectionLease> LeaseAsync(
        bool write,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var connection = await _source.OpenConnectionAsync(cancellationToken);
            return new ConnectionLease(connection, transaction: null, _ => connection.DisposeAsync());
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            throw Outage.Unavailable(error);
        }
    }

    protected override async ValueTask<DbTransaction> BeginAsync(
        ConnectionLease lease,
        CancellationToken cancellationToken
    ) => await ((NpgsqlConnection)lease.Connection).BeginTransactionAsync(cancellationToken);

    // Until autovacuum comes by, a table that was just filled counts as empty, and the next version would be planned so.
    public override async Task RefreshStatisticsAsync(CancellationToken cancellationToken) =>
        await ExecuteAsync($"analyze (skip_locked)", cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _signals.DisposeAsync();
        await _source.DisposeAsync();
    }
}
