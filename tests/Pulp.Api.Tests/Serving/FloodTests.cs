using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Serving;

/// <summary>Clients that ask for what isn't there: no account is needed for it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FloodTests(Engine engine) : ApiFixture(engine)
{
    private const int Limit = 500_000;

    protected override void Configure(PulpSettings settings) => settings.ContentCacheAnswerBytes = Limit;

    [Test]
    public async Task Absent_paths_push_out_neither_each_other_beyond_the_limit_nor_what_is_used()
    {
        Upstream.With("used.txt", "used").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        await Api.GetAsync(path + "used.txt");
        var remembered = (Pulp.Core.Serving.RememberedAnswers?)
            Server.Services.GetService(typeof(Pulp.Core.Serving.RememberedAnswers));
        var hits = 0;

        for (var i = 0; i < 1_000; i++)
        {
            var absent = await Api.GetAsync(path + new string('x', 800) + i);
            Assert.That(absent.Code, Is.EqualTo(404));
            if (i % 50 == 0)
            {
                hits += (await Api.GetAsync(path + "used.txt"))
                    .Headers.GetValues("X-PULP-CACHE")
                    .Count(v => v == "HIT");
            }
        }

        Assert.That(hits, Is.EqualTo(20));
        Assert.That(remembered?.Bytes, Is.InRange(Limit / 3, Limit));
    }
}
