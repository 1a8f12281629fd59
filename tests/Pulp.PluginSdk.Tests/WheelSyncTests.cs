using System.Security.Cryptography;

namespace Pulp.PluginSdk.Tests;

/// <summary>A sync that asks its upstream for what changed, and takes what may be missing as it comes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class WheelSyncTests(Engine engine) : SkeletonFixture(engine)
{
    private readonly List<string> _asked = [];
    private bool _promised;

    [SetUp]
    public void Forget()
    {
        _asked.Clear();
        _promised = false;
    }

    [Test]
    public async Task Units_of_an_unchanged_project_are_kept_without_being_declared_again()
    {
        var (one, two) = (PulpClient.Unique(), PulpClient.Unique());
        Publish(one, "\"v1\"", "1.0", "2.0");
        Publish(two, "\"v1\"", "1.0");
        List(one, two);
        var (repository, remote) = await RepositoryAsync("on_demand");
        await MirrorAsync(repository, remote);

        Publish(two, "\"v2\"", "3.0");
        var task = await MirrorAsync(repository, remote);

        var version = $"{repository}versions/2/";
        var kept = await Api.GetAsync($"content/wheels/wheels/?repository_version={version}&ordering=filename");
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That(
                kept.Results.Select(r => $"{r["name"]}-{r["version"]}"),
                Is.EquivalentTo([$"{one}-1.0", $"{one}-2.0", $"{two}-3.0"])
            );
            Assert.That(
                _asked,
                Is.EqualTo([
                    $"{one} application/vnd.wheels.v1+json ",
                    $"{two} application/vnd.wheels.v1+json ",
                    $"{one} application/vnd.wheels.v1+json \"v1\"",
                    $"{two} application/vnd.wheels.v1+json \"v1\"",
                ])
            );
        });
    }

    [Test]
    public async Task A_project_that_is_listed_and_missing_is_a_warning_of_a_task_that_completes()
    {
        var (there, missing) = (PulpClient.Unique(), PulpClient.Unique());
        Publish(there, "\"v1\"", "1.0");
        List(missing, there, missing);
        var (repository, remote) = await RepositoryAsync("on_demand");

        var task = await MirrorAsync(repository, remote);

        var warning = task["progress_reports"]?.AsArray().Single(r => (string?)r?["code"] == "wheels.project_missing");
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That((string?)warning?["message"], Is.EqualTo($"The index lists {missing} and doesn't have it."));
            Assert.That((string?)warning?["state"], Is.EqualTo("completed"));
            Assert.That((long?)warning?["done"], Is.EqualTo(2), "it was said twice");
        });
    }

    [Test]
    public async Task An_immediate_sync_takes_an_optional_file_where_there_is_one_and_goes_on_where_not()
    {
        var name = PulpClient.Unique();
        _promised = true;
        Publish(name, "\"v1\"", "1.0", "2.0");
        Upstream.With($"{name}/{name}-2.0.whl.metadata", "Summary: a wheel");
        List(name);
        var (repository, remote) = await RepositoryAsync("immediate");

        var task = await MirrorAsync(repository, remote);

        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/wheels/wheel/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        var served = new List<string>();
        foreach (var file in new[] { "1.0.whl", "1.0.whl.metadata", "2.0.whl", "2.0.whl.metadata" })
        {
            var answer = await Api.GetAsync($"/pulp/content/{name}/{name}-{file}");
            served.Add(answer.Code == 200 ? answer.Text : $"{answer.Code}");
        }

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That(served, Is.EqualTo([$"{name} 1.0", "404", $"{name} 2.0", "Summary: a wheel"]));
            Assert.That(Upstream.Count($"{name}/{name}-1.0.whl.metadata"), Is.EqualTo(1), "no retries");
        });
    }

    /// <summary>A project's list of files, which answers to its tag, and the files.</summary>
    private void Publish(string project, string tag, params string[] versions)
    {
        var files = versions.Select(v => (Name: $"{project}-{v}.whl", Version: v, Text: $"{project} {v}")).ToList();
        files.ForEach(f => Upstream.With($"{project}/{f.Name}", f.Text));
        var list = new JsonArray([
            .. files.Select(f => new JsonObject
            {
                ["filename"] = f.Name,
                ["version"] = f.Version,
                ["metadata"] = _promised,
                ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(f.Text))),
            }),
        ]).ToJsonString();
        Upstream.Faulty(
            $"{project}/files.json",
            async context =>
            {
                var known = context.Request.Headers.IfNoneMatch.ToString();
                _asked.Add($"{project} {context.Request.Headers.Accept} {known}");
                context.Response.Headers.ETag = tag;
                if (known == tag)
                {
                    context.Response.StatusCode = 304;
                    return;
                }

                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(list));
            }
        );
    }

    private void List(params string[] projects) =>
        Upstream.With("projects.json", new JsonArray([.. projects.Select(p => (JsonNode)p)]).ToJsonString());

    private async Task<(string Repository, string Remote)> RepositoryAsync(string policy)
    {
        var name = PulpClient.Unique();
        var remote = await Api.PostAsync(
            "remotes/wheels/wheel/",
            new
            {
                name,
                url = Upstream.Url + "/",
                policy,
                rate_limit = 1000,
            }
        );
        return ((await Api.PostAsync("repositories/wheels/wheel/", new { name })).Href, remote.Href);
    }

    private async Task<JsonNode> MirrorAsync(string repository, string remote) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "sync/", new { remote, mirror = true })).Task);
}
