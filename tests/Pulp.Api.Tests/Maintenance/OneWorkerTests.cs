using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>A clean-up whose turn comes before that of tasks that were asked for earlier than it runs: there is one worker.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OneWorkerTests(Engine engine) : ApiFixture(engine)
{
    protected override void Configure(PulpSettings settings) => settings.Workers = 1;

    [Test]
    public async Task What_waiting_tasks_are_going_to_use_stays()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Faulty(
            "PULP_MANIFEST",
            async context =>
            {
                await release.Task;
                await context.Response.WriteAsync("");
            }
        );
        var repository = await Api.NewRepositoryAsync();
        var remote = await Api.NewRemoteAsync(Upstream.Manifest);
        await Api.PostAsync(await Api.NewRepositoryAsync() + "sync/", new { remote });
        var cleanUp = await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 });
        var upload = await Api.UploadAsync(
            "content/file/files/",
            Guid.NewGuid().ToByteArray(),
            new { relative_path = "uploaded", repository }
        );
        var unit = await Api.NewFileAsync("named", PulpClient.Unique());
        var modify = await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } });

        release.SetResult();
        await Api.CompletedAsync(cleanUp);
        await Api.CompletedAsync(upload);
        await Api.CompletedAsync(modify);

        var paths = await Api.PathsAsync(await Api.LatestAsync(repository));
        Assert.That(paths, Is.EqualTo(new[] { "named", "uploaded" }));
    }
}
