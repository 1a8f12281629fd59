using Pulp.Core.Platform.Settings;

namespace Pulp.PluginSdk.Tests;

/// <summary>Versions that wait for a task for longer than they may.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BusyRepositoryTests(Engine engine) : SkeletonFixture(engine)
{
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    // The task goes on while the clock is set forward.
    protected override void Configure(PulpSettings settings)
    {
        base.Configure(settings);
        settings.WorkerTtl = 3600;
    }

    [Test]
    public async Task All_who_wait_are_told_after_half_a_minute_not_one_after_the_other()
    {
        var repository = (await Api.PostAsync("repositories/images/image/", new { name = PulpClient.Unique() })).Href;
        var id = repository.TrimEnd('/').Split('/')[^1];
        // What is looked up once is known from then on: those who come wait at once.
        await PushAsync("first");
        var held = await Api.PostAsync($"/images/{id}/hold");
        var task = $"/pulp/api/v3/tasks/{(string?)held.Json?["task"]}/";

        var pushes = Enumerable.Range(0, 4).Select(i => PushAsync($"tag-{i}")).ToList();
        var all = Task.WhenAll(pushes);
        Assert.That(ComersAsync, Is.EqualTo(5).Soon());
        _clock.Advance(TimeSpan.FromSeconds(31));
        await Task.WhenAny(pushes);
        _clock.Advance(TimeSpan.FromSeconds(31));
        var answers = await all.WaitAsync(TimeSpan.FromSeconds(60));
        await Api.PostAsync($"/images/{id}/release");
        await Api.EndOfAsync(task);

        Assert.That(answers.Select(a => a.Code), Is.All.EqualTo(503));

        Task<Answer> PushAsync(string tag) =>
            Api.SendContentAsync(HttpMethod.Put, $"/images/{id}/manifests/{tag}", new StringContent(""));

        async Task<int?> ComersAsync() => (int?)(await Api.GetAsync($"/images/{id}/comers")).Json?["count"];
    }
}
