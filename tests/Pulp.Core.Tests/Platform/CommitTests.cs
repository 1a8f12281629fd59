using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>How transactions end.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CommitTests(Engine engine) : DatabaseFixture(engine)
{
    [SetUp]
    public async Task CreateTableAsync()
    {
        var schema = new SchemaBuilder();
        schema.CreateTable("sample").WithColumn("name", ColumnType.Text);
        schema.CreateIndex("sample_name", "sample", "name", unique: true);
        foreach (var statement in schema.Statements)
        {
            await Database.ExecuteAsync(statement, default);
        }
    }

    private Task<IReadOnlyList<string>> NamesAsync() =>
        Database.QueryAsync<string>($"select name from sample order by name", default);

    private static SqlText Insert(string name) => $"insert into sample (name) values ({name})";

    [TestCase(false)]
    [TestCase(true)]
    public async Task Last_statements_run_in_order_with_the_commit_and_what_is_told_comes_after(bool inBackground)
    {
        IReadOnlyList<string>? seen = null;
        var told = 0;
        await Database.InTransactionAsync(
            async tx =>
            {
                var session = (SqlSession)tx;
                await session.AtCommitAsync([Insert("b"), $"update sample set name = 'c' where name = 'b'"], default);
                session.AfterCommit(() => told++);
                if (inBackground)
                {
                    session.CommitInBackground();
                }

                await tx.ExecuteAsync(Insert("a"), default);
                seen = await tx.QueryAsync<string>($"select name from sample", default);
                Assert.That(told, Is.Zero);
                return true;
            },
            default
        );
        await Database.FlushAsync($"select 1 from sample where name = 'c'");

        Assert.Multiple(() =>
        {
            Assert.That(seen, Is.EqualTo(new[] { "a" }));
            Assert.That(told, Is.EqualTo(1));
        });
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "a", "c" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_last_statement_that_fails_takes_everything_back(bool inBackground)
    {
        await Database.ExecuteAsync(Insert("there"), default);
        var told = 0;

        Exception? failed = null;
        try
        {
            await Database.InTransactionAsync(
                async tx =>
                {
                    var session = (SqlSession)tx;
                    if (inBackground)
                    {
                        session.CommitInBackground();
                    }

                    session.AfterCommit(() => told++);
                    await session.AtCommitAsync([Insert("there")], default);
                    await tx.ExecuteAsync(Insert("new"), default);
                    return true;
                },
                default
            );
        }
        catch (Exception error)
        {
            failed = error; // Which class it is depends on the database.
        }

        Assert.Multiple(() =>
        {
            Assert.That(failed is not null && Database.Dialect.IsUniqueViolation(failed), Is.True, $"{failed}");
            Assert.That(told, Is.Zero);
        });
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "there" }));
        await Database.ExecuteAsync(Insert("goes on"), default);
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "goes on", "there" }));
    }

    [Test]
    public async Task Without_a_transaction_last_statements_run_at_once()
    {
        await Database.AtCommitAsync([Insert("a"), Insert("b")], default);

        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "a", "b" }));
    }
}
