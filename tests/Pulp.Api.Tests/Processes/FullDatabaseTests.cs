using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Api.Tests.Processes;

/// <summary>
/// SQLite takes back a transaction by itself when there is no room. A limit of pages on the writing connection is a full disk on
/// demand; a new connection has no limit.
/// </summary>
public sealed class FullDatabaseTests
{
    private TestServer? _server;

    private TestServer Server => _server ?? throw new InvalidOperationException("The server isn't started.");

    private Database Database => Server.Services.GetRequiredService<Database>();

    [SetUp]
    public async Task StartAsync()
    {
        if (!Engines.All.Contains(Engine.Sqlite))
        {
            Assert.Ignore("SQLite isn't among the databases of this run.");
        }

        _server = await TestServer.StartAsync(Engine.Sqlite);
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            Directory.Delete(_server.Settings.DataDir, recursive: true);
        }
    }

    /// <summary>From now on the database can't grow.</summary>
    private Task FillAsync() =>
        Database.InTransactionAsync(
            tx => tx.FirstOrDefaultAsync<long>($"pragma max_page_count = 1", CancellationToken.None),
            CancellationToken.None
        );

    private Task<Answer> NewRepositoryAsync() =>
        Server.Api.PostAsync(
            "repositories/file/file/",
            new { name = Guid.NewGuid().ToString(), description = new string('x', 200_000) }
        );

    [Test]
    public async Task A_transaction_without_room_is_refused_and_the_next_is_stored()
    {
        await FillAsync();

        var refused = await NewRepositoryAsync();
        var stored = await NewRepositoryAsync();

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(507), refused.Text);
            Assert.That(stored.Code, Is.EqualTo(201), stored.Text);
        });
    }

    [Test]
    public async Task A_bulk_insert_without_room_says_so_and_the_next_is_stored()
    {
        BulkColumn[] columns = [new("name", ColumnType.Text), new("value", ColumnType.BigInteger)];
        object?[][] rows =
        [
            .. Enumerable.Range(0, 2000).Select(i => new object?[] { $"{i}{new string('x', 500)}", 0L }),
        ];
        await FillAsync();

        Assert.That(
            () => Database.InsertManyAsync("core_stamp", columns, rows, CancellationToken.None),
            Throws.InstanceOf<Microsoft.Data.Sqlite.SqliteException>().With.Property("SqliteErrorCode").EqualTo(13)
        );
        Assert.That(
            await Database.InsertManyAsync("core_stamp", columns, rows, CancellationToken.None),
            Is.EqualTo(rows.Length)
        );
    }
}
