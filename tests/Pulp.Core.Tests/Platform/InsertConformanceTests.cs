using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>Many rows at once: what every database has to do alike.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class InsertConformanceTests(Engine engine) : SampleTables(engine)
{
    [TestCase(1)]
    [TestCase(60)]
    [TestCase(20_000)]
    public async Task Many_rows_are_inserted_but_for_those_that_are_there(int count)
    {
        await AddAsync(Database, 0);
        object?[][] rows = [.. Enumerable.Range(0, count + 1).Select(Row)];

        var unknown = await Database.InTransactionAsync(
            tx => ((SqlSession)tx).InsertManyAsync("sample", Columns, rows, Newness.Likely, default),
            default
        );
        var repeated = await Database.InsertManyAsync("sample", Columns, rows, default);
        var certain = await Database.InTransactionAsync(
            tx =>
                ((SqlSession)tx).InsertManyAsync(
                    "sample",
                    Columns,
                    [.. Enumerable.Range(count + 1, count).Select(Row)],
                    Newness.Certain,
                    default
                ),
            default
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((unknown, repeated, certain), Is.EqualTo((count, 0, count)));
            Assert.That(
                await Database.FirstOrDefaultAsync<long>($"select count(*) from sample", default),
                Is.EqualTo(1 + (2 * count))
            );
        });
    }

    [TestCase(1)]
    [TestCase(60)]
    public async Task Rows_of_several_tables_are_inserted_at_once_and_counted_each(int count)
    {
        await AddAsync(Database, 0);
        BulkRows[] inserts =
        [
            new("sample", Columns, [.. Enumerable.Range(0, count + 1).Select(Row)], Newness.Likely),
            new("sample_child", Columns[..1], [], Newness.Unknown),
            new(
                "sample_child",
                [new("pulp_id", ColumnType.Uuid), new("sample_id", ColumnType.Uuid)],
                [.. Enumerable.Range(0, count).Select(i => new object?[] { Id(i), Id(i + 1) })],
                Newness.Certain
            ),
        ];

        var inserted = await Database.InTransactionAsync(
            tx => ((SqlSession)tx).InsertAllAsync(inserts, default),
            default
        );
        var none = await Database.InsertAllAsync([inserts[1]], default);

        Assert.Multiple(() =>
        {
            Assert.That(inserted, Is.EqualTo(new[] { count, 0, count }));
            Assert.That(none, Is.EqualTo(new[] { 0 }));
        });
    }

    [Test]
    public async Task Many_rows_of_which_one_breaks_a_rule_leave_nothing_and_are_inserted_without_it()
    {
        Task<int> InsertAsync(params int[] numbers) =>
            Database.InTransactionAsync(
                tx =>
                    ((SqlSession)tx).InsertManyAsync(
                        "sample_child",
                        [new("pulp_id", ColumnType.Uuid), new("sample_id", ColumnType.Uuid)],
                        [.. numbers.Select(n => new object?[] { Id(n), Id(n) })],
                        default
                    ),
                default
            );

        await AddAsync(Database, 1);
        await AddAsync(Database, 2);

        var broken = await Assert.CatchAsync(() => InsertAsync(1, 9));
        var left = await Database.FirstOrDefaultAsync<long>($"select count(*) from sample_child", default);
        var inserted = await InsertAsync(1, 2);

        Assert.Multiple(() =>
        {
            Assert.That(Kinds(broken).Foreign);
            Assert.That((left, inserted), Is.EqualTo((0L, 2)));
        });
    }
}
