using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Migrations;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Testing;
using Pulp.Testing;

namespace Pulp.Core.Tests;

/// <summary>A migrated database without a server, on one engine.</summary>
public abstract class DatabaseFixture(Engine engine)
{
    private Database? _database;
    private string _directory = "";

    private protected Database Database => _database ?? throw new InvalidOperationException("Not opened.");

    [SetUp]
    public async Task OpenAsync()
    {
        _directory = Directory.CreateTempSubdirectory("pulp-queue-").FullName;
        _database = OpenDatabase.At(
            engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "",
            _directory
        );
        await new MigrationRunner(Database, TimeProvider.System, NullLogger.Instance).ApplyAsync(
            [new Component("core", "1", CoreMigrations.All)],
            CancellationToken.None
        );
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A task that waits.</summary>
    protected static Task AddTaskAsync(IDb tx, Guid id)
    {
        var now = TimeProvider.System.GetUtcNow();
        return tx.ExecuteAsync(
            $"""
            insert into core_task (pulp_id, pulp_created, pulp_last_updated, state, name, logging_cid, enc_args,
                                   reserved_resources_record, immediate, blocked_by)
            values ({id}, {now}, {now}, 'waiting', 'test', '', '', {new JsonText("[]")}, {false}, 0)
            """,
            CancellationToken.None
        );
    }
}
