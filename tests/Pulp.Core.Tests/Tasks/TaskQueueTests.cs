using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Testing;
using Pulp.Testing;

namespace Pulp.Core.Tests.Tasks;

/// <summary>The queue against its rule: a task may run when nothing created earlier and unfinished conflicts with it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TaskQueueTests(Engine engine) : DatabaseFixture(engine)
{
    private async Task<Guid> AddAsync(TaskQueue queue, params (string, bool)[] resources)
    {
        var id = Guid.CreateVersion7();
        await Database.InTransactionAsync(
            async tx =>
            {
                await AddTaskAsync(tx, id);
                await ((SqlSession)tx).BatchAsync([.. queue.Reserve(tx, id, resources)], CancellationToken.None);
            },
            CancellationToken.None
        );
        return id;
    }

    private async Task<HashSet<Guid>> RunnableAsync() =>
        [
            .. await Database.QueryAsync<Guid>(
                $"select pulp_id from core_task where state = 'waiting' and unblocked_at is not null",
                CancellationToken.None
            ),
        ];

    [Test]
    public async Task At_every_moment_exactly_the_unhindered_tasks_are_runnable([Values(1, 2, 3, 4, 5)] int seed)
    {
        var queue = new TaskQueue(TimeProvider.System);
        var random = new Random(seed);
        var unfinished = new List<(Guid Id, (string Name, bool Exclusive)[] Resources)>();
        for (var step = 0; step < 120; step++)
        {
            if (unfinished.Count == 0 || random.Next(100) < 55)
            {
                var resources = Enumerable
                    .Range(0, 4)
                    .Where(_ => random.Next(100) < 45)
                    .Select(i => ($"r{i}", random.Next(100) < 50))
                    .ToArray();
                unfinished.Add((await AddAsync(queue, resources), resources));
            }
            else
            {
                // Any task may end: a running one, or a waiting one that is cancelled.
                var at = random.Next(unfinished.Count);
                var id = unfinished[at].Id;
                unfinished.RemoveAt(at);
                await Database.InTransactionAsync(
                    async tx =>
                    {
                        await TaskQueue.LockAsync(tx, id, CancellationToken.None);
                        await tx.ExecuteAsync(
                            $"update core_task set state = 'completed' where pulp_id = {id}",
                            CancellationToken.None
                        );
                        await queue.ReleaseAsync(tx, id, CancellationToken.None);
                    },
                    CancellationToken.None
                );
            }

            var expected = unfinished
                .Where((task, i) => !unfinished.Take(i).Any(earlier => Conflict(earlier.Resources, task.Resources)))
                .Select(t => t.Id);
            Assert.That(await RunnableAsync(), Is.EquivalentTo(expected), $"seed {seed}, step {step}");
        }
    }

    private static bool Conflict((string Name, bool Exclusive)[] one, (string Name, bool Exclusive)[] other) =>
        one.Any(a => other.Any(b => a.Name == b.Name && (a.Exclusive || b.Exclusive)));

    [Test]
    public async Task A_task_is_claimed_once_however_many_workers_want_it()
    {
        var queue = new TaskQueue(TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            await AddAsync(queue, ($"x{i}", true));
        }

        var claims = new TaskClaims(Database, TimeProvider.System);
        var worker = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();
        await Database.ExecuteAsync(
            $"""
            insert into core_appstatus (pulp_id, pulp_created, pulp_last_updated, name, app_type, versions, ttl_seconds, last_heartbeat, process)
            values ({worker}, {now}, {now}, 'w', 'worker', {new JsonText("{}")}, 30, {now}, 'p')
            """,
            CancellationToken.None
        );

        var taken = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var mine = new List<Guid>();
                        var misses = 0;
                        while (misses < 20)
                        {
                            if (await claims.ClaimNextAsync(worker, CancellationToken.None) is { } task)
                            {
                                mine.Add(task.PulpId);
                            }
                            else
                            {
                                misses++;
                            }
                        }

                        return mine;
                    })
                )
        );

        var all = taken.SelectMany(t => t).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(all, Has.Count.EqualTo(20));
            Assert.That(all, Is.Unique);
        });
    }
}
