using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Core.Units;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>Lists in statements: few values are looked up one by one, many are rows, and both find the same.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ListTests(Engine engine) : DatabaseFixture(engine)
{
    [Test]
    public async Task A_list_of_any_length_finds_its_rows_and_leaves_out_the_others(
        [Values(0, 1, 2, 3, 7, 8, 9, 32, 33, 200)] int asked
    )
    {
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];
        foreach (var id in ids)
        {
            await AddTaskAsync(Database, id);
        }

        Guid[] wanted = [.. ids.Concat(Enumerable.Range(0, 200).Select(_ => Guid.NewGuid())).Take(asked)];
        IReadOnlyCollection<string> names = ["test", .. wanted.Select(w => w.ToString())];
        var found = await CountAsync($"pulp_id in {wanted}");
        var others = await CountAsync($"pulp_id not in {wanted}");
        var named = await CountAsync($"name in {names} and blocked_by in {new long[] { 0 }}");

        Assert.That((found, others, named), Is.EqualTo((Math.Min(asked, 3), 3 - Math.Min(asked, 3), 3)));
    }

    [TestCase(3)]
    [TestCase(12)]
    public async Task What_often_comes_with_a_few_ids_is_not_planned_each_time(int count)
    {
        if (!Database.IsPostgres)
        {
            Assert.Ignore("Statements on SQLite are prepared once.");
        }

        // More often than PostgreSQL tries plans for the values themselves.
        const int Often = 20;
        Guid[] ids = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];
        var plans = await Database.InTransactionAsync(
            async tx =>
            {
                for (var i = 0; i < Often; i++)
                {
                    await ((SqlSession)tx).BatchAsync([ContentInterest.Touch(ids, DateTimeOffset.UnixEpoch)], default);
                }

                return await tx.QueryAsync<long>(
                    $"select custom_plans from pg_prepared_statements where statement like '%timestamp_of_interest%'",
                    default
                );
            },
            default
        );

        Assert.That(plans, Is.EqualTo(new[] { 5L }));
    }

    private Task<long> CountAsync(PluginSdk.Data.SqlText where) =>
        Database.FirstOrDefaultAsync<long>($"select count(*) from core_task where {where}", CancellationToken.None);
}
