using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Data;

namespace Pulp.Api.Tests.Serving;

/// <summary>Distributions with a guard that nobody can ask: they let nobody in, however often it was asked before.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class GuardedTests(Engine engine) : ApiFixture(engine)
{
    private T Service<T>()
        where T : notnull => (T)(Server.Services.GetService(typeof(T)) ?? throw new InvalidOperationException());

    private async Task GuardAsync(string path, Guid? guard)
    {
        var database = Service<Database>();
        var basePath = path.Split('/')[^2];
        await database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"update core_distribution set content_guard_id = {guard} where base_path = {basePath}",
                    CancellationToken.None
                );
                await Service<ServingChanges>().ChangedAsync(tx, changed: true, CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );
    }

    private async Task<Guid> NewGuardAsync()
    {
        var guard = Guid.NewGuid();
        var now = DateTimeOffset.UnixEpoch;
        await Service<Database>()
            .ExecuteAsync(
                $"""
                insert into core_contentguard (pulp_id, pulp_created, pulp_last_updated, pulp_domain_id, pulp_type, name)
                select {guard}, {now}, {now}, pulp_id, 'core.unknown', {guard.ToString()} from core_domain where name = 'default'
                """,
                CancellationToken.None
            );
        return guard;
    }

    [Test]
    public async Task A_guard_refuses_what_was_just_served_on_the_fast_way()
    {
        Upstream.With("file", "guarded").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        await Api.GetAsync(path + "file");
        await Api.GetAsync(path + "nothing");
        var hit = await Api.GetAsync(path + "file");

        await GuardAsync(path, await NewGuardAsync());
        string[] asked = ["file", "file", "nothing", "", "?x"];
        var refused = new List<Answer>();
        foreach (var one in asked)
        {
            refused.Add(await Api.GetAsync(path + one));
        }

        await GuardAsync(path, null);
        var again = await Api.GetAsync(path + "file");

        Assert.Multiple(() =>
        {
            Assert.That(hit.Headers.GetValues("X-PULP-CACHE"), Is.EqualTo(new[] { "HIT" }), "the fast way");
            Assert.That(refused.Select(a => a.Code), Has.All.EqualTo(403));
            Assert.That(refused.Select(a => a.Text), Has.None.Contain("guarded"));
            Assert.That(again.Text, Is.EqualTo("guarded"));
        });
    }
}
