using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>Transactions: what every database has to do alike.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TransactionConformanceTests(Engine engine) : SampleTables(engine)
{
    [Test]
    public async Task A_transaction_that_throws_leaves_nothing_and_tells_nobody()
    {
        var told = new List<string>();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Database.InTransactionAsync(
                async tx =>
                {
                    ((SqlSession)tx).AfterCommit(() => told.Add("undone"));
                    await AddAsync(tx, 1);
                    await ((SqlSession)tx).InTransactionAsync(inner => AddAsync(inner, 2), default);
                    throw new InvalidOperationException("after all");
                },
                default
            )
        );
        await Database.InTransactionAsync(
            async tx =>
            {
                ((SqlSession)tx).AfterCommit(() => told.Add("committed"));
                await AddAsync(tx, 3);
                Assert.That(told, Is.Empty, "before it is");
            },
            default
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await NamesAsync(), Is.EqualTo(new[] { "n3" }));
            Assert.That(told, Is.EqualTo(new[] { "committed" }));
        });
    }

    [Test]
    public async Task Others_see_a_transaction_when_it_is_committed()
    {
        await Database.InTransactionAsync(
            async tx =>
            {
                await AddAsync(tx, 1);
                Assert.That(await tx.FirstOrDefaultAsync<long>($"select count(*) from sample", default), Is.EqualTo(1));
                Assert.That(await NamesAsync(), Is.Empty);
            },
            default
        );

        Assert.That(await NamesAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Nobody_loses_what_another_writes_at_the_same_time()
    {
        await AddAsync(Database, 0);

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        for (var i = 0; i < 25; i++)
                        {
                            await Database.InRepeatedTransactionAsync(
                                tx => tx.ExecuteAsync($"update sample set number = number + 1", default),
                                default
                            );
                        }
                    })
                )
        );

        Assert.That(await Database.FirstOrDefaultAsync<long>($"select number from sample", default), Is.EqualTo(200));
    }

    [Test]
    public async Task A_canceled_statement_ends_and_leaves_a_database_that_works()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Assert.CatchAsync<OperationCanceledException>(() =>
            Database.InTransactionAsync(
                async tx =>
                {
                    await AddAsync(tx, 1);
                    await tx.QueryAsync<string>($"select name from sample", canceled.Token);
                    return true;
                },
                default
            )
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await NamesAsync(), Is.Empty);
            Assert.That(await AddAsync(Database, 1), Is.EqualTo(1));
        });
    }
}
