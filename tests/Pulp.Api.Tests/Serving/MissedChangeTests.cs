using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;

namespace Pulp.Api.Tests.Serving;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class MissedChangeTests(Engine engine) : ApiFixture(engine)
{
    protected override void Configure(Pulp.Core.Platform.Settings.PulpSettings settings) => settings.WorkerTtl = 6;

    [Test]
    public async Task A_change_that_nobody_told_of_is_noticed()
    {
        Upstream.With("a.txt", "hello").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        Assert.That((await Api.GetAsync(path + "a.txt")).Code, Is.EqualTo(200));
        var moved = PulpClient.Unique();

        // As another process does it whose notification is lost: the rows and the stamp, and no word.
        await Server
            .Services.GetRequiredService<Database>()
            .InTransactionAsync(
                async tx =>
                {
                    var old = path.Split('/')[^2];
                    await tx.ExecuteAsync(
                        $"update core_distribution set base_path = {moved} where base_path = {old}",
                        CancellationToken.None
                    );
                    await tx.ExecuteAsync(
                        $"update core_stamp set value = value + 1 where name = 'serving'",
                        CancellationToken.None
                    );
                    return true;
                },
                CancellationToken.None
            );

        Assert.That(async () => (await Api.GetAsync($"/pulp/content/{moved}/a.txt")).Code, Is.EqualTo(200).Soon());
        Assert.That((await Api.GetAsync(path + "a.txt")).Code, Is.EqualTo(404));
    }
}
