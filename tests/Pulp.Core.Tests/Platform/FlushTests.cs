using System.Collections.Concurrent;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Testing;
using Pulp.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>What was committed in the background and flushed survives a crash of PostgreSQL.</summary>
public sealed class FlushTests
{
    private const int Enough = 200;

    [SetUp]
    public void SetUp()
    {
        if (!Engines.All.Contains(Engine.Postgres))
        {
            Assert.Ignore("PostgreSQL isn't among the databases of this run.");
        }
    }

    /// <summary>Nobody else writes its log: what nobody waits for is lost with its memory.</summary>
    private static Task<PostgresServer> StartAsync() =>
        PostgresServer.StartAsync("-c fsync=off -c wal_writer_delay=10s -c wal_writer_flush_after=0");

    private static async Task<Database> WithSampleAsync(PostgresServer postgres)
    {
        var database = OpenDatabase.At(await PostgresServer.CreateDatabaseAsync(postgres.Url), "");
        await database.ExecuteAsync($"create table sample (number bigint primary key)", default);
        return database;
    }

    [Test]
    public async Task What_was_answered_is_there_after_a_crash()
    {
        await using var postgres = await StartAsync();
        await using var database = await WithSampleAsync(postgres);
        var answered = new ConcurrentBag<long>();
        var enough = new TaskCompletionSource();

        var writers = Enumerable
            .Range(0, 8)
            .Select(w => Task.Run(() => WriteAsync(database, w, answered, enough)))
            .ToList();
        await enough.Task;
        await postgres.StopAsync();
        await Task.WhenAll(writers);
        await postgres.StartAsync();

        var there = await database.QueryAsync<long>($"select number from sample", default);
        Assert.Multiple(() =>
        {
            Assert.That(answered, Has.Count.GreaterThanOrEqualTo(Enough));
            Assert.That(answered.Except(there), Is.Empty);
        });
    }

    [Test]
    public async Task What_a_crash_took_before_it_was_on_disk_is_not_vouched_for()
    {
        await using var postgres = await StartAsync();
        await using var database = await WithSampleAsync(postgres);
        await database.InTransactionAsync(
            async tx =>
            {
                ((SqlSession)tx).CommitInBackground();
                await tx.ExecuteAsync($"insert into sample (number) values (1)", default);
                return true;
            },
            default
        );
        await postgres.StopAsync();
        await postgres.StartAsync();
        Assert.That(() => CountAsync(database), Is.Zero.Soon(), "it is back, and has lost it");

        var vouched = await Assert.ThrowsAsync<DatabaseUnavailableException>(() =>
            database.FlushAsync($"select 1 from sample where number = 1")
        );

        Assert.That(vouched?.InnerException, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task Those_who_share_a_flush_are_each_answered_for_what_is_theirs()
    {
        await using var postgres = await StartAsync();
        await using var database = await WithSampleAsync(postgres);
        await database.ExecuteAsync($"insert into sample select 2 * n from generate_series(0, 49) n", default);

        // While the first waits, the others come together.
        var vouched = await Task.WhenAll(Enumerable.Range(0, 100).Select(VouchedAsync));

        Assert.That(vouched, Is.EqualTo(Enumerable.Range(0, 100).Select(n => n % 2 == 0)));

        async Task<bool> VouchedAsync(int number)
        {
            try
            {
                await database.FlushAsync($"select 1 from sample where number = {number}");
                return true;
            }
            catch (DatabaseUnavailableException)
            {
                return false;
            }
        }
    }

    /// <summary>How many rows there are; null while the database can't be asked.</summary>
    private static async Task<long?> CountAsync(Database database)
    {
        try
        {
            return await database.FirstOrDefaultAsync<long>($"select count(*) from sample", default);
        }
        catch (DatabaseUnavailableException)
        {
            return null; // The connections from before are found broken one by one.
        }
    }

    private static async Task WriteAsync(
        Database database,
        int writer,
        ConcurrentBag<long> answered,
        TaskCompletionSource enough
    )
    {
        try
        {
            for (var number = (long)writer; ; number += 8)
            {
                await database.InTransactionAsync(
                    async tx =>
                    {
                        ((SqlSession)tx).CommitInBackground();
                        await tx.ExecuteAsync($"insert into sample (number) values ({number})", default);
                        return true;
                    },
                    default
                );
                await database.FlushAsync($"select 1 from sample where number = {number}");
                answered.Add(number);
                if (answered.Count >= Enough)
                {
                    enough.TrySetResult();
                }
            }
        }
        catch (DatabaseUnavailableException)
        {
            // The crash: this one doesn't know whether its last row is there.
        }
    }
}
