using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>What every database has to do alike: whatever stands behind <see cref="Database"/> passes this.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class DatabaseConformanceTests(Engine engine) : SampleTables(engine)
{
    [TestCase("", int.MinValue, long.MinValue, 0.1, false, 0, 0)]
    [TestCase("quote ' and \" and \\ and {brace} and %_", int.MaxValue, long.MaxValue, -1e300, true, 123456, 1)]
    [TestCase("ä中\U0001F600 combining e\u0301\nline", 0, -1, 5e-324, true, 999999, 300)]
    public async Task Values_come_back_as_they_went_in(
        string text,
        int integer,
        long number,
        double real,
        bool flag,
        int microseconds,
        int length
    )
    {
        var given = new Sample
        {
            AText = text,
            AnInteger = integer,
            ANumber = number,
            ADouble = real,
            AFlag = flag,
            AMoment = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero).AddMicroseconds(microseconds),
            AnId = Guid.NewGuid(),
            SomeBytes = [.. Enumerable.Range(0, length).Select(i => (byte)i)],
        };
        await Database.ExecuteAsync(
            $"""
            insert into sample_values (a_text, an_integer, a_number, a_double, a_flag, a_moment, an_id, a_document, some_bytes)
            values ({given.AText}, {given.AnInteger}, {given.ANumber}, {given.ADouble}, {given.AFlag}, {given.AMoment},
                    {given.AnId}, {new JsonText("{\"a\": [1, null, \"x\"]}")}, {given.SomeBytes})
            """,
            default
        );

        var read = await Database.QueryAsync<Sample>(
            $"""
            select a_text, an_integer, a_number, a_double, a_flag, a_moment, an_id, some_bytes from sample_values
             where a_text = {given.AText} and a_number = {given.ANumber} and a_flag = {given.AFlag}
               and a_moment = {given.AMoment} and an_id = {given.AnId}
            """,
            default
        );
        var document = await Database.FirstOrDefaultAsync<string>($"select a_document from sample_values", default);

        Assert.Multiple(() =>
        {
            Assert.That(read, Has.Count.EqualTo(1));
            Assert.That(read[0] with { SomeBytes = given.SomeBytes }, Is.EqualTo(given));
            Assert.That(read[0].SomeBytes, Is.EqualTo(given.SomeBytes));
            Assert.That(document?.Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("{\"a\":[1,null,\"x\"]}"));
        });
    }

    [Test]
    public async Task Text_sorts_by_code_point()
    {
        string[] names = ["a", "B", "b", "A", "ä", "_", "10", "9", "ab", "\uFFFD", "\U0001F600", ""];
        await Database.InsertManyAsync(
            "sample",
            Columns,
            [.. names.Select(n => new object?[] { Guid.NewGuid(), n, null })],
            default
        );

        var byCodePoint = names.OrderBy(
            n => n.EnumerateRunes().Aggregate("", (all, r) => $"{all}{r.Value:X8}"),
            StringComparer.Ordinal
        );
        Assert.That(await NamesAsync(), Is.EqualTo(byCodePoint));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(40_000)]
    public async Task Lists_of_any_length_are_one_value(int length)
    {
        await AddAsync(Database, 1);
        await AddAsync(Database, 2);
        IReadOnlyList<long> numbers = [.. Enumerable.Range(1, length).Select(i => i == 2 ? -2L : i)];
        IReadOnlyList<string> names = [.. numbers.Select(n => $"n{n}")];
        IReadOnlyList<Guid> ids = [.. numbers.Select(n => n < 0 ? Guid.Empty : Id((int)n))];

        var found = await Database.QueryAsync<string>(
            $"select name from sample where number in {numbers} and name in {names} and pulp_id in {ids}",
            default
        );
        var others = await Database.QueryAsync<string>(
            $"select name from sample where number not in {numbers} order by name",
            default
        );

        Assert.Multiple(() =>
        {
            Assert.That(found, Is.EqualTo(length == 0 ? Array.Empty<string>() : ["n1"]));
            Assert.That(others, Is.EqualTo(length == 0 ? ["n1", "n2"] : new[] { "n2" }));
        });
    }

    [Test]
    public async Task Statements_say_how_many_rows_they_touched()
    {
        var inserted = await AddAsync(Database, 1);
        var again = await Database.ExecuteAsync(
            $"insert into sample (pulp_id, name) values ({Id(2)}, {"n1"}) on conflict do nothing",
            default
        );
        var returned = await Database.ReturningAsync<string>(
            $"update sample set number = 7 where name = {"n1"} returning name",
            default
        );
        var nobody = await Database.ExecuteAsync($"delete from sample where name = {"none"}", default);

        Assert.Multiple(() =>
        {
            Assert.That((inserted, again, nobody), Is.EqualTo((1, 0, 0)));
            Assert.That(returned, Is.EqualTo(new[] { "n1" }));
        });
    }

    [Test]
    public async Task A_batch_answers_the_rows_of_those_statements_that_have_some()
    {
        var results = await Database.InTransactionAsync(
            tx =>
                ((SqlSession)tx).BatchAsync(
                    [
                        $"insert into sample (pulp_id, name, number) values ({Id(1)}, {"n1"}, {1L})",
                        $"select name from sample where number = {1L}",
                        $"update sample set number = {2L} returning number",
                        $"select name from sample where number = {1L}",
                    ],
                    default
                ),
            default
        );

        Assert.Multiple(() =>
        {
            Assert.That(results, Has.Count.EqualTo(3));
            Assert.That(results[0][0], Is.EqualTo(new object[] { "n1" }));
            Assert.That(results[1][0], Is.EqualTo(new object[] { 2L }));
            Assert.That(results[2], Is.Empty);
        });
    }

    [Test]
    public async Task Rows_of_a_single_column_come_one_by_one()
    {
        await AddAsync(Database, 1);
        await AddAsync(Database, 2);

        var (names, ids) = (new List<string>(), new List<Guid>());
        await foreach (var name in Database.StreamAsync<string>($"select name from sample order by number", default))
        {
            names.Add(name);
        }

        await foreach (var id in Database.StreamAsync<Guid>($"select pulp_id from sample order by number", default))
        {
            ids.Add(id);
        }

        Assert.That(names, Is.EqualTo(new[] { "n1", "n2" }));
        Assert.That(ids, Is.EqualTo(new[] { Id(1), Id(2) }));
    }

    [Test]
    public async Task Rows_are_read_one_by_one_while_others_are_asked_for_and_written()
    {
        await Database.InsertManyAsync("sample", Columns, [.. Enumerable.Range(0, 500).Select(Row)], default);

        var seen = 0L;
        await foreach (var number in Database.StreamAsync<long>($"select number from sample", default))
        {
            seen += await Database.FirstOrDefaultAsync<long>(
                $"select number from sample where number = {number}",
                default
            );
            if (number == 100)
            {
                await AddAsync(Database, 1_000_000);
            }
        }

        Assert.That(seen, Is.EqualTo(500 * 499 / 2));
    }

    [Test]
    public async Task Broken_rules_are_told_apart()
    {
        await AddAsync(Database, 1);

        var unique = await Assert.CatchAsync(() =>
            Database.ExecuteAsync($"insert into sample (pulp_id, name) values ({Id(2)}, {"n1"})", default)
        );
        var foreign = await Assert.CatchAsync(() =>
            Database.ExecuteAsync($"insert into sample_child (pulp_id, sample_id) values ({Id(1)}, {Id(9)})", default)
        );
        var syntax = await Assert.CatchAsync(() => Database.ExecuteAsync($"insert into nowhere values (1)", default));

        Assert.Multiple(() =>
        {
            Assert.That(Kinds(unique), Is.EqualTo((true, false, true)));
            Assert.That(Kinds(foreign), Is.EqualTo((false, true, true)));
            Assert.That(Kinds(syntax), Is.EqualTo((false, false, true)));
        });
    }

    private sealed record Sample
    {
        public string AText { get; init; } = "";

        public long AnInteger { get; init; }

        public long ANumber { get; init; }

        public double ADouble { get; init; }

        public bool AFlag { get; init; }

        public DateTimeOffset AMoment { get; init; }

        public Guid AnId { get; init; }

        public byte[] SomeBytes { get; init; } = [];
    }
}
