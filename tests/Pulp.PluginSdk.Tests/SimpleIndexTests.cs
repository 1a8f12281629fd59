using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pulp.PluginSdk.Tests;

/// <summary>An index that a plugin makes of what is served: below a route of its own, and below the content application.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SimpleIndexTests(Engine engine) : SkeletonFixture(engine)
{
    private const string Json = "application/vnd.pypi.simple.v1+json";

    private Task<Answer> AskAsync(string path, string accept, Action<HttpRequestHeaders>? with = null) =>
        Api.SendContentAsync(
            HttpMethod.Get,
            path,
            content: null,
            request =>
            {
                request.Headers.Accept.ParseAdd(accept);
                request.Headers.Authorization = null;
                with?.Invoke(request.Headers);
            }
        );

    private async Task<string> NewWheelAsync(string name, string filename, string text) =>
        (
            await Api.UploadAsync(
                "content/wheels/wheels/upload/",
                TestWheel.Make(name, "1.0", "A wheel.", text),
                new { filename }
            )
        ).Href;

    private async Task<(string Repository, string Path, string Distribution)> NewIndexAsync()
    {
        var path = PulpClient.Unique();
        var repository = (await Api.PostAsync("repositories/wheels/wheel/", new { name = path })).Href;
        var distribution = await Api.CreatedAsync(
            await Api.PostAsync(
                "distributions/wheels/wheel/",
                new
                {
                    name = path,
                    base_path = path,
                    repository,
                }
            )
        );
        return (repository, path, distribution);
    }

    private async Task AddAsync(string repository, string wheel) =>
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { wheel } })
        );

    [TestCase("/wheels/simple/{0}/")]
    [TestCase("/pulp/content/{0}/simple/")]
    public async Task It_is_answered_in_the_form_that_the_client_accepts_and_follows_the_repository(string where)
    {
        var (repository, path, _) = await NewIndexAsync();
        var index = where.Replace("{0}", path, StringComparison.Ordinal);
        var text = PulpClient.Unique();
        await AddAsync(repository, await NewWheelAsync("Fast_Wheel", $"{path}-1.whl", text));

        // Each form twice: remembered answers are told apart too.
        var pages = new List<Answer>();
        foreach (var accept in new[] { Json, "text/html", Json, "text/html" })
        {
            pages.Add(await AskAsync(index + "fast-wheel/", accept));
        }

        await AddAsync(repository, await NewWheelAsync("fast.wheel", $"{path}-2.whl", text + "2"));
        var later = await AskAsync(index + "fast-wheel/", Json);
        var projects = await AskAsync(index, "text/html");

        Assert.Multiple(() =>
        {
            Assert.That(pages.Select(p => p.Code), Is.All.EqualTo(200));
            Assert.That(pages.Select(p => p.Text.StartsWith('{')), Is.EqualTo(new[] { true, false, true, false }));
            Assert.That(pages.Select(p => p.Headers.Vary.Single()), Is.All.EqualTo("Accept"));
            Assert.That(pages[0].Text, Does.Contain($"{path}-1.whl").And.Not.Contain($"{path}-2.whl"));
            Assert.That(later.Text, Does.Contain($"{path}-1.whl").And.Contain($"{path}-2.whl"));
            Assert.That(projects.Text, Does.Contain("<a href=\"fast-wheel/\">fast-wheel</a>"));
        });
    }

    [TestCase("/wheels/simple/{0}/")]
    [TestCase("/pulp/content/{0}/simple/")]
    public async Task Its_pages_have_tags_by_which_clients_ask_whether_they_changed(string where)
    {
        var (repository, path, _) = await NewIndexAsync();
        var page = where.Replace("{0}", path, StringComparison.Ordinal) + "wheel/";
        await AddAsync(repository, await NewWheelAsync("wheel", $"{path}-1.whl", PulpClient.Unique()));

        var first = await AskAsync(page, Json);
        var tag = first.Headers.ETag ?? throw new InvalidOperationException("It has no tag.");
        var same = await AskAsync(page, Json, h => h.IfNoneMatch.Add(tag));
        await AddAsync(repository, await NewWheelAsync("wheel", $"{path}-2.whl", PulpClient.Unique()));
        var changed = await AskAsync(page, Json, h => h.IfNoneMatch.Add(tag));

        Assert.Multiple(() =>
        {
            Assert.That(same.Code, Is.EqualTo(304));
            Assert.That(same.Text, Is.Empty);
            Assert.That(same.Headers.ETag, Is.EqualTo(tag));
            Assert.That(changed.Code, Is.EqualTo(200));
        });
    }

    [TestCase("/wheels/simple/{0}/")]
    [TestCase("/pulp/content/{0}/simple/")]
    public async Task Its_files_are_sent_as_any_other(string where)
    {
        var (repository, path, _) = await NewIndexAsync();
        var text = PulpClient.Unique();
        await AddAsync(repository, await NewWheelAsync("wheel", $"{path}-1.whl", text));
        var file = where.Replace("{0}", path, StringComparison.Ordinal) + $"wheel/{path}-1.whl";

        var whole = await AskAsync(file, "*/*");
        var again = await AskAsync(file, "*/*");
        var part = await AskAsync(file, "*/*", h => h.Range = new RangeHeaderValue(2, 4));
        var known = await AskAsync(file, "*/*", h => h.IfNoneMatch.Add(whole.Headers.ETag!));
        var redirect = await AskAsync(where.Replace("{0}", path, StringComparison.Ordinal) + "Wheel/", "*/*");
        var missing = await AskAsync(where.Replace("{0}", path, StringComparison.Ordinal) + "other/", "*/*");
        var senseless = await AskAsync(where.Replace("{0}", path, StringComparison.Ordinal) + "a b/", "*/*");

        Assert.Multiple(() =>
        {
            Assert.That(whole.Text, Does.Contain(text));
            Assert.That(again.Headers.GetValues("X-PULP-CACHE"), Is.EqualTo(new[] { "HIT" }));
            Assert.That((part.Code, part.Text), Is.EqualTo((206, "\u0003\u0004\u0014")));
            Assert.That(known.Code, Is.EqualTo(304));
            Assert.That((redirect.Code, redirect.Headers.Location?.ToString()), Is.EqualTo((302, "../wheel/")));
            Assert.That((missing.Code, missing.Text), Is.EqualTo((404, "There is no project other.")));
            Assert.That(senseless.Code, Is.EqualTo(400));
            Assert.That(senseless.Text, Does.EndWith("'a b' is no name of a project."));
        });
    }

    [TestCase("/wheels/simple/{0}/")]
    [TestCase("/pulp/content/{0}/simple/")]
    public async Task Its_files_come_from_the_remote_where_they_are_not_here_yet(string where)
    {
        var (repository, path, _) = await NewIndexAsync();
        var text = PulpClient.Unique();
        var file = new
        {
            filename = $"{path}-1.whl",
            version = "1.0",
            metadata = false,
            sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        };
        Upstream
            .With("projects.json", JsonSerializer.Serialize(new[] { path }))
            .With($"{path}/files.json", JsonSerializer.Serialize(new[] { file }))
            .With($"{path}/{file.filename}", text);
        var remote = await Api.PostAsync(
            "remotes/wheels/wheel/",
            new
            {
                name = path,
                url = Upstream.Url + "/",
                rate_limit = 1000,
            }
        );
        await Api.CompletedAsync(await Api.PostAsync(repository + "sync/", new { remote = remote.Href }));
        var url = where.Replace("{0}", path, StringComparison.Ordinal) + $"{path}/{file.filename}";

        var before = Upstream.Count($"{path}/{file.filename}");
        var first = await AskAsync(url, "*/*");
        var again = await AskAsync(url, "*/*");

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Zero);
            Assert.That(new[] { first.Text, again.Text }, Is.All.EqualTo(text));
            Assert.That(Upstream.Count($"{path}/{file.filename}"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_kind_may_serve_a_publication_where_there_is_one_and_else_the_version()
    {
        var (repository, path, distribution) = await NewIndexAsync();
        await AddAsync(repository, await NewWheelAsync("wheel", $"{path}-1.whl", PulpClient.Unique()));
        var unpublished = await Api.GetAsync($"/pulp/content/{path}/{path}-1.whl");
        var noList = await Api.GetAsync($"/pulp/content/{path}/names.txt");

        await Api.CompletedAsync(await Api.PostAsync("publications/wheels/wheel/", new { repository }));
        var list = await Api.GetAsync($"/pulp/content/{path}/names.txt");
        var published = await Api.GetAsync($"/pulp/content/{path}/{path}-1.whl");
        var shown = await Api.GetAsync(distribution);

        Assert.Multiple(() =>
        {
            Assert.That(unpublished.Code, Is.EqualTo(200));
            Assert.That(noList.Code, Is.EqualTo(404));
            Assert.That(list.Text, Is.EqualTo($"{path}-1.whl"));
            Assert.That(published.Code, Is.EqualTo(200));
            Assert.That((string?)shown.Json?["base_url"], Is.EqualTo($"/wheels/simple/{path}/"));
        });
    }

    [Test]
    public async Task It_is_served_by_processes_that_serve_content_alone()
    {
        var (_, path, _) = await NewIndexAsync();
        var settings = new Pulp.Core.Platform.Settings.PulpSettings
        {
            DataDir = Server.Settings.DataDir,
            Database = Server.Settings.Database,
            PluginDir = [Path.Combine(TestServer.HostDir, "plugins")],
            DisabledPlugins = Server.Settings.DisabledPlugins,
            Listen = ["http://127.0.0.1:0"],
            LogLevel = "Warning",
            Roles = ["content"],
        };
        await using var content = await TestServer.StartAsync(settings, Plugins);

        var index = await content.Api.GetAsync($"/wheels/simple/{path}/");
        var missing = await content.Api.GetAsync("/wheels/simple/other/");
        var api = await content.Api.GetAsync("repositories/");

        Assert.Multiple(() =>
        {
            Assert.That(index.Code, Is.EqualTo(200));
            Assert.That((missing.Code, missing.Text), Is.EqualTo((404, "There is no such index.")));
            Assert.That(api.Code, Is.EqualTo(404));
        });
    }
}
