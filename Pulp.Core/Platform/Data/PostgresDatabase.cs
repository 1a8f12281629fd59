using System.Data.Common;
using System.Globalization;
using Npgsql;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>PostgreSQL: everything that scales.</summary>
internal sealed class PostgresDatabase : Database
{
    /// <summary>
    /// How many connections a process has at most, where the address doesn't say: PostgreSQL takes a hundred, for all processes.
    /// </summary>
    private const int MostConnections = 30;

    private readonly NpgsqlDataSource _source;
    private readonly TransactionPlaces _places;
    private readonly PostgresSignals _signals;
    private readonly PostgresStatistics _statistics;
    private readonly PostgresFlushes _flushes;

    /// <param name="connectionString">Where the database is.</param>
    /// <param name="longestPause">How long a transaction may stand still.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Hears when the database can't be reached.</param>
    public PostgresDatabase(
        string connectionString,
        TimeSpan longestPause,
        TimeProvider clock,
        ILogger<Database> logger
    )
        : base(new PostgresDialect(), clock, new DatabaseOutage(clock, logger))
    {
        DapperMapping.Register();
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            ApplicationName = "pulp",
            // Nothing here leaves anything behind in a session: no temporary tables, only locks that end with their transaction.
            NoResetOnClose = true,
            // Tells a write's condition that doesn't hold from a fault of the statement behind it.
            IncludeFailedBatchedCommand = true,
        };
        // ContainsKey would say whether the driver knows the word.
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = MostConnections;
        }

        var source = new NpgsqlDataSourceBuilder(settings.ToString());
        var preparation = Preparation(longestPause);
        source.UsePhysicalConnectionInitializer(
            connection => Prepare(connection, preparation),
            connection => PrepareAsync(connection, preparation)
        );
        _source = source.Build();
        _places = new TransactionPlaces(
            Math.Max(1, settings.MaxPoolSize * 2 / 3),
            TimeSpan.FromSeconds(settings.Timeout)
        );
        _signals = new PostgresSignals(settings.ToString(), logger);
        _statistics = new PostgresStatistics(this, clock, logger);
        _flushes = new PostgresFlushes(this);
    }

    /// <summary>
    /// Indexes are read from memory or a solid disk. With the default, made for spinning ones, a page of a hundred units is joined
    /// by reading a whole table. And a process that stands still in the middle of a transaction doesn't keep from the others what it
    /// has locked. (Not as start-up options: poolers refuse those.)
    /// </summary>
    private static string Preparation(TimeSpan longestPause) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"set random_page_cost = 1.1; set idle_in_transaction_session_timeout = {(long)longestPause.TotalMilliseconds}"
        );

    public override Signals Signals => _signals;

    public override SqlText Now => $"clock_timestamp()";

#pragma warning disable CA2100 // The text is made here
    private static void Prepare(NpgsqlConnection connection, string preparation)
    {
        using var command = new NpgsqlCommand(preparation, connection);
        command.ExecuteNonQuery();
    }

    private static async Task PrepareAsync(NpgsqlConnection connection, string preparation)
    {
        await using var command = new NpgsqlCommand(preparation, connection);
        await command.ExecuteNonQueryAsync();
    }
#pragma warning restore CA2100

    protected override async ValueTask<ConnectionLease> ConnectAsync(bool write, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _source.OpenConnectionAsync(cancellationToken);
            return new ConnectionLease(connection, transaction: null, _ => connection.DisposeAsync());
        }
        catch (Exception error) when (IsAway(error))
        {
            throw Outage.Unavailable(error);
        }
    }

    protected override async ValueTask<IDisposable?> PlaceAsync(CancellationToken cancellationToken) =>
        await _places.TakeAsync(cancellationToken)
        ?? throw Outage.Unavailable(new TimeoutException("Too many transactions wait for each other."));

    protected override async ValueTask<DbTransaction> BeginAsync(
        ConnectionLease lease,
        CancellationToken cancellationToken
    ) => await ((NpgsqlConnection)lease.Connection).BeginTransactionAsync(cancellationToken);

    public override async Task FlushAsync(SqlText committed)
    {
        if (!await _flushes.FlushAsync(committed))
        {
            throw new DatabaseUnavailableException(
                new InvalidOperationException("The database has crashed before what was committed was on its disk.")
            );
        }
    }

    public override Task MakeDurableAsync(CancellationToken cancellationToken) => FlushAsync($"select 1");

    /// <summary>Whether no connection is to be had.</summary>
    private bool IsAway(Exception error) =>
        Dialect.IsConnectionLost(error)
        // "database ... is not currently accepting connections": somebody works on it, and it will again.
        || error is PostgresException { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState };

    // Until autovacuum comes by, a table that was just filled counts as empty, and the next version would be planned so.
    public override async Task RefreshStatisticsAsync(CancellationToken cancellationToken) =>
        await ExecuteAsync($"analyze (skip_locked)", cancellationToken);

    public override async Task StartBackgroundAsync(IReadOnlyCollection<string> channels)
    {
        await base.StartBackgroundAsync(channels);
        _statistics.Start();
    }

    public override async ValueTask DisposeAsync()
    {
        await _statistics.DisposeAsync();
        await _signals.DisposeAsync();
        await _source.DisposeAsync();
        _places.Dispose();
    }
}
