using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// The embedded database: one file in WAL mode, many readers, and one writer at a time. The writers of this process queue at
/// a gate, which is fair and cheap; those of other processes meet in SQLite's own lock with its busy timeout.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private readonly string _connectionString;
    private readonly string _synchronous;
    private readonly SemaphoreSlim _writerGate = new(1, 1);
    private readonly ConcurrentBag<SqliteLendable> _idle = [];
    private readonly TimeProvider _clock;
    private readonly SqliteSignals _signals;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly SqlitePrivacy _privacy;
    private SqliteLendable? _writer;
    private volatile bool _disposed;

    public SqliteDatabase(string path, string synchronous, TimeProvider clock, ILogger<Database> logger)
        : base(new SqliteDialect(), clock, new DatabaseOutage(clock, logger))
    {
        _clock = clock;
        SqliteNative.Register();
        DapperMapping.Register();
        Path = path;
        _privacy = new SqlitePrivacy(path, logger);
        _synchronous = synchronous;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        _signals = new SqliteSignals(ReadVersion, clock, logger);
        _checkpoints = new SqliteCheckpoints(path + "-wal", () => Open(writes: false), clock, logger);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    public override Signals Signals => _signals;

    // All processes on a file are on its machine.
    public override SqlText Now => $"{_clock.GetUtcNow()}";

    public override async Task StartBackgroundAsync(IReadOnlyCollection<string> channels)
    {
        await base.StartBackgroundAsync(channels);
        _checkpoints.Start();
    }

    protected override async ValueTask<ConnectionLease> ConnectAsync(bool write, CancellationToken cancellationToken)
    {
        if (write)
        {
            await _writerGate.WaitAsync(cancellationToken);
            try
            {
                _writer ??= new SqliteLendable(Open(writes: true));
                return _writer.Lease(ReleaseWriterAsync);
            }
            catch
            {
                _writerGate.Release();
                throw;
            }
        }

        if (!_idle.TryTake(out var reader))
        {
            reader = new SqliteLendable(Open(writes: false));
        }

        return reader.Lease(lease => ReturnAsync(reader, lease));
    }

    protected override ValueTask<DbTransaction> BeginAsync(
        ConnectionLease lease,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult<DbTransaction>(((SqliteConnection)lease.Connection).BeginTransaction(deferred: false));

    /// <summary>Counts what other processes have committed; null while our own writer is at work.</summary>
    private long? ReadVersion()
    {
        if (_disposed || !_writerGate.Wait(0))
        {
            return null;
        }

        try
        {
            _writer ??= new SqliteLendable(Open(writes: true));
            using var command = _writer.CreateCommand();
            command.CommandText = "pragma data_version";
            return (long?)command.ExecuteScalar();
        }
        catch (SqliteException)
        {
            // Who writes next opens a new one.
            _writer?.Discard();
            _writer = null;
            throw;
        }
        finally
        {
            _writerGate.Release();
        }
    }

    public override async Task MakeDurableAsync(CancellationToken cancellationToken)
    {
        // With full every commit is durable; with off none is to be.
        if (_synchronous != "normal")
        {
            return;
        }

        await using var lease = await ConnectAsync(write: true, cancellationToken);
        try
        {
            await SqliteDurability.FlushLogAsync((SqliteConnection)lease.Connection, cancellationToken);
        }
        catch
        {
            // Nobody knows how it flushes now.
            lease.Break();
            throw;
        }
    }

    private ValueTask ReleaseWriterAsync(ConnectionLease lease)
    {
        if (lease.IsBroken)
        {
            _writer?.Discard();
            _writer = null;
        }

        _writerGate.Release();
        return ValueTask.CompletedTask;
    }

    private ValueTask ReturnAsync(SqliteLendable reader, ConnectionLease lease)
    {
        if (lease.IsBroken || _disposed || _idle.Count >= 16)
        {
            reader.Discard();
        }
        else
        {
            _idle.Add(reader);
        }

        return ValueTask.CompletedTask;
    }

    private SqliteConnection Open(bool writes)
    {
        PrivateFiles.CreateEmpty(Path);
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var pragma = connection.CreateCommand();
#pragma warning disable CA2100 // The setting is one of a fixed list
            pragma.CommandText = $"""
                pragma busy_timeout = 5000;
                pragma journal_mode = wal;
                pragma synchronous = {_synchronous};
                pragma foreign_keys = on;
                pragma cache_size = {(writes ? -32000 : -4000)};
                pragma wal_autocheckpoint = 25000;
                pragma temp_store = memory;
                """;
#pragma warning restore CA2100
            pragma.ExecuteNonQuery();
            SqliteNative.KeepSharedMemory(connection);
            SqliteFunctions.Register(connection);
            _privacy.Ensure(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _signals.DisposeAsync();
        await _checkpoints.DisposeAsync();
        while (_idle.TryTake(out var reader))
        {
            reader.Discard();
        }

        _writer?.Checkpoint();
        _writer?.Discard();
        _writerGate.Dispose();
    }
}
