using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Tests;

/// <summary>What of the server's tables a plugin's statements may name.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PublishedTableTests(Engine engine) : SkeletonFixture(engine)
{
    private IDb Db => Server.Services.GetRequiredService<IDb>();

    private static readonly SqlText[] Private =
    [
        $"select password from core_user",
        $"select u.password from images_blob b join Core_User u on u.id = {1L}",
        $"select 1 from images_blob where exists (select 1 from \"core_session\")",
        $"select count(*) from {Sql.For("core_task", "core_task")}",
        $"update public.core_user set is_superuser = {true}",
        $"select url from core_remote",
    ];

    private static readonly SqlText[] Written =
    [
        $"insert into core_content (pulp_id) values ({Guid.Empty})",
        $"INSERT OR IGNORE INTO core_content (pulp_id) values ({Guid.Empty})",
        $"with gone as (select 1) delete from only core_content where pulp_id = {Guid.Empty}",
        $"update \"public\".\"core_repository\" set name = {"x"}",
        $"select 1; update core_repository set name = {"x"}",
        $"drop table if exists core_artifact",
        $"create index images_mine on core_artifact (size)",
    ];

    [TestCaseSource(nameof(Private))]
    public async Task A_table_that_is_not_published_is_neither_read_nor_written(SqlText statement)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Db.QueryAsync<string>(statement, CancellationToken.None)
        );

        Assert.That(
            refused?.Message,
            Does.Match(
                "^A plugin's statement can't name core_(user|session|task|remote): that isn't one of the server's published tables.$"
            ).IgnoreCase
        );
    }

    [TestCaseSource(nameof(Written))]
    public async Task A_published_table_is_not_written(SqlText statement)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Db.InTransactionAsync(tx => tx.ExecuteAsync(statement, CancellationToken.None), CancellationToken.None)
        );
        var many = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Db.InsertManyAsync(
                "core_content",
                [new BulkColumn("pulp_id", ColumnType.Uuid)],
                [
                    [Guid.NewGuid()],
                ],
                CancellationToken.None
            )
        );

        Assert.Multiple(() =>
        {
            Assert.That(
                refused?.Message,
                Does.Match("^A plugin's statement can't write core_[a-z]+: that is the server's business.$")
            );
            Assert.That(many?.Message, Does.StartWith("A plugin's statement can't write core_content"));
        });
    }

    [Test]
    public async Task Published_tables_are_read_beside_the_plugins_own_which_are_written()
    {
        var project = PulpClient.Unique();
        await Api.PostAsync("repositories/wheels/wheel/", new { name = project });

        var found = await Db.QueryAsync<string>(
            $"""
            select r.name from core_repository r left join wheels_blockedproject b on b.repository_id = r.pulp_id
             where r.name = {project}
            """,
            CancellationToken.None
        );
        var changed = await Db.ExecuteAsync(
            $"""
            update wheels_blockedproject set reason = {"x"}
             where repository_id in (select pulp_id from core_repository where name = {project})
            """,
            CancellationToken.None
        );

        Assert.Multiple(() =>
        {
            Assert.That(found, Is.EqualTo(new[] { project }));
            Assert.That(changed, Is.Zero);
        });
    }
}
