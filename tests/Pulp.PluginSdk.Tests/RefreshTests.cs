using System.Diagnostics;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Plugin;
using Pulp.TestPlugins.Images;
using Pulp.TestPlugins.Wheels;

namespace Pulp.PluginSdk.Tests;

/// <summary>A request that makes a resource, sends the tasks of its kind and waits for their ends.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RefreshTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task A_mirror_is_made_synced_and_published_while_the_client_waits()
    {
        Upstream.With("projects.json", "[]");
        var remote = await NewRemoteAsync(Api);
        var name = PulpClient.Unique();

        var first = await Api.PostAsync($"/wheels-refresh/{name}?remote={remote}");
        var again = await Api.PostAsync($"/wheels-refresh/{name}?remote={remote}");

        var publication = await Api.GetAsync((string?)first.Json?["created"]?[0] ?? "");
        var mirrors = await Api.GetAsync($"repositories/wheels/wheel/?name={name}");
        Assert.Multiple(() =>
        {
            Assert.That(first.Code, Is.EqualTo(200), first.Text);
            Assert.That((string?)first.Json?["state"], Is.EqualTo("completed"));
            Assert.That((string?)first.Json?["from"], Is.EqualTo(remote));
            Assert.That((string?)first.Json?["task"], Does.StartWith("/pulp/api/v3/tasks/"));
            Assert.That((bool?)publication.Json?["checkpoint"], Is.True, publication.Text);
            Assert.That(again.Code, Is.EqualTo(200), again.Text);
            Assert.That(mirrors.Results, Has.Count.EqualTo(1), "it was made once");
            Assert.That(mirrors.Results[0]["latest_version_href"]?.ToString(), Does.EndWith("/versions/0/"));
        });
    }

    [Test]
    public async Task A_failed_task_tells_its_error()
    {
        var remote = await NewRemoteAsync(Api);

        var failed = await Api.PostAsync($"/wheels-refresh/{PulpClient.Unique()}?remote={remote}");

        Assert.Multiple(() =>
        {
            Assert.That(failed.Code, Is.EqualTo(502), failed.Text);
            Assert.That((string?)failed.Json?["error"], Does.Contain("projects.json answered 404"));
        });
    }

    [Test]
    public async Task What_is_wrong_with_a_sync_that_a_plugin_sends_is_answered_as_to_a_client()
    {
        var refused = await Api.PostAsync($"/wheels-refresh/{PulpClient.Unique()}?remote={PulpClient.Unique()}");

        Assert.That(
            (refused.Code, (string?)refused.Json?["detail"]),
            Is.EqualTo((400, "remote: This field is required since a remote is not set on the repository.")),
            refused.Text
        );
    }

    [Test]
    public async Task The_end_of_a_task_in_another_process_is_told_at_once()
    {
        IReadOnlyList<PulpPlugin> plugins = [new ImagesPlugin(), new WheelsPlugin()];
        await using var api = await TestServer.StartAsync(
            Engine,
            settings =>
            {
                Configure(settings);
                settings.Roles = ["api"];
            },
            plugins
        );
        await using var worker = await TestServer.StartAsync(
            new PulpSettings
            {
                DataDir = api.Settings.DataDir,
                Database = api.Settings.Database,
                PluginDir = api.Settings.PluginDir,
                DisabledPlugins = api.Settings.DisabledPlugins,
                Listen = ["http://127.0.0.1:0"],
                Roles = ["worker"],
                LogLevel = "Warning",
                SqliteSynchronous = "off",
            },
            plugins
        );
        Upstream.With("projects.json", "[]");
        var remote = await NewRemoteAsync(api.Api);
        var watch = Stopwatch.StartNew();

        var answer = await api.Api.PostAsync($"/wheels-refresh/{PulpClient.Unique()}?remote={remote}");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)), "whoever misses it looks after 30 s");
        });
    }

    private async Task<string> NewRemoteAsync(PulpClient client)
    {
        var name = PulpClient.Unique();
        await client.PostAsync(
            "remotes/wheels/wheel/",
            new
            {
                name,
                url = Upstream.Url + "/",
                rate_limit = 1000,
            }
        );
        return name;
    }
}
