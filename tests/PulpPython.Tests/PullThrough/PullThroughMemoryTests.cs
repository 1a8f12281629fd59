namespace PulpPython.Tests.PullThrough;

/// <summary>What a cache answers comes from memory, and is as new as what it follows from.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PullThroughMemoryTests(Engine engine) : PullThroughFixture(engine)
{
    private const string Json = "application/vnd.pypi.simple.v1+json";

    [Test]
    public async Task What_was_asked_for_needs_neither_the_database_nor_upstream()
    {
        var (mixed, theirs) = (PulpClient.Unique(), PulpClient.Unique());
        var wheel = TestPackage.Wheel(theirs, "1.0");
        Index.With(TestPackage.Wheel(mixed, "2.0"), wheel);
        var (repository, path) = await NewCacheAsync(new { allow_package_substitution = false });
        await AddAsync(repository, TestPackage.Wheel(mixed, "1.0"));
        await Api.PostAsync($"{repository}blocklist_entries/", new { name = "left-pad" });
        var (first, asked) = (await AllAsync(), AskedUpstream());

        string[] tables = ["python_pythonpackagecontent", "python_pythonblocklistentry", "python_pythonremote"];
        await RenameAsync(tables, name => name, name => name + "_away");
        var again = await AllAsync();
        await RenameAsync(tables, name => name + "_away", name => name);

        Assert.Multiple(() =>
        {
            Assert.That(first.Select(a => a.Code), Is.All.EqualTo(200));
            Assert.That(again.Select(a => a.Text), Is.EqualTo(first.Select(a => a.Text)));
            Assert.That(AskedUpstream(), Is.EqualTo(asked));
        });

        int AskedUpstream() =>
            Index.Asked(mixed) + Index.Asked(theirs) + Upstream.Count($"files/{wheel.Filename}.metadata");

        async Task<List<Answer>> AllAsync()
        {
            var answers = new List<Answer>();
            // Asked for twice: only then is it known that the repository has nothing of what upstream has.
            foreach (var project in new[] { mixed, theirs, mixed, theirs })
            {
                answers.Add(await PageAsync($"{path}/simple/{project}/"));
                answers.Add(await PageAsync($"{path}/simple/{project}/", Json));
            }

            answers.Add(await Api.GetAsync($"/pulp/content/{path}/{wheel.Filename}.metadata"));
            return answers;
        }
    }

    [Test]
    public async Task A_change_of_what_it_follows_from_shows_at_once()
    {
        var (name, other) = (PulpClient.Unique(), PulpClient.Unique());
        var (own, one, two) = (
            TestPackage.Wheel(name, "0.1"),
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Wheel(name, "2.0")
        );
        Index.With(one, two, TestPackage.Wheel(other, "1.0"));
        var (repository, path) = await NewCacheAsync();
        await Api.CompletedAsync(await UploadAsync(path, own));
        await using var process = await ServeAsync();

        await ShowsAsync([own, one, two]);
        var blocked = await Api.PostAsync($"{repository}blocklist_entries/", new { name, version = "1" });
        await ShowsAsync([own, two]);
        await Api.DeleteAsync(blocked.Href);
        await ShowsAsync([own, one, two]);
        var index = (await Api.GetAsync($"distributions/python/pypi/?base_path={path}")).Results[0];
        var remote = (string?)index["remote"] ?? "";
        await Api.CompletedAsync(await Api.PatchAsync(remote, new { excludes = new[] { $"{name}>1" } }));
        await ShowsAsync([own, one]);
        await Api.CompletedAsync(await Api.PatchAsync(repository, new { allow_package_substitution = false }));
        await ShowsAsync([own]);
        await Api.CompletedAsync(await Api.DeleteAsync(remote));
        await ShowsAsync([own]);
        Assert.That((await PageAsync($"{path}/simple/{other}/")).Code, Is.EqualTo(404), "without a remote");

        async Task ShowsAsync(TestPackage[] wanted)
        {
            string[] names = [.. wanted.Select(p => p.Filename)];
            Assert.That(Files(await JsonPageAsync($"{path}/simple/{name}/")), Is.EqualTo(names), "here");
            Assert.That(
                async () => Files(Parsed(await process.Api.GetAsync($"/pypi/{path}/simple/{name}/?format=json"))),
                Is.EqualTo(names).Soon(),
                "in another process"
            );
        }
    }

    private static JsonNode Parsed(Answer page) => JsonNode.Parse(page.Text) ?? new JsonObject();

    /// <summary>Another process on the same data.</summary>
    private Task<ServerProcess> ServeAsync() =>
        // It is told of changes: by itself it looks a sixth of that later.
        ServerProcess.ServeAsync(Server.Settings.DataDir, Server.Settings.Database, "--worker-ttl", "600");

    private async Task RenameAsync(string[] tables, Func<string, string> from, Func<string, string> to)
    {
        foreach (var table in tables)
        {
            await Server.ExecuteAsync($"alter table {from(table)} rename to {to(table)}");
        }
    }
}
