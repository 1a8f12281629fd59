namespace Pulp.Api.Tests.Roles;

/// <summary>Lists of content of somebody who sees some repositories only: what is remembered of them is never older than they are.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SeenContentTests(Engine engine) : ApiFixture(engine)
{
    private const string Viewer = "file.filerepository_viewer";

    private async Task<string> RepositoryOfAsync(params string[] units)
    {
        var repository = await Api.NewRepositoryAsync();
        await ModifyAsync(repository, new { add_content_units = units });
        return repository;
    }

    private async Task ModifyAsync(string repository, object change) =>
        await Api.CompletedAsync(await Api.PostAsync(repository + "modify/", change));

    private async Task<string[]> FilesAsync(int count)
    {
        var files = new string[count];
        for (var i = 0; i < count; i++)
        {
            files[i] = await Api.NewFileAsync(PulpClient.Unique(), Guid.NewGuid().ToString());
        }

        return files;
    }

    /// <summary>Both lists hold just these units, the newest first, on whatever pages, and say how many there are.</summary>
    private static async Task SeesAsync(PulpClient api, IReadOnlyList<string> units, string when)
    {
        foreach (var list in new[] { "content/file/files/", "content/" })
        {
            foreach (var limit in new[] { 2, 100 })
            {
                var seen = new List<string?>();
                string? path = $"{list}?limit={limit}&fields=pulp_href";
                while (path is not null)
                {
                    var page = await api.GetAsync(path);
                    Assert.That(page.Code, Is.EqualTo(200), page.Text);
                    Assert.That((int?)page.Json?["count"], Is.EqualTo(units.Count), $"{list}: {when}");
                    seen.AddRange(page.Results.Select(r => (string?)r["pulp_href"]));
                    path = (string?)page.Json?["next"] is { } next ? new Uri(next).PathAndQuery : null;
                }

                Assert.That(seen, Is.EqualTo(units.Reverse()), $"{list}: {when}");
            }
        }
    }

    [Test]
    public async Task They_follow_versions_repositories_and_roles_at_once()
    {
        var files = await FilesAsync(6);
        using var user = await Server.NewUserAsync();
        var one = await RepositoryOfAsync(files[0], files[1]);
        var two = await RepositoryOfAsync(files[1], files[2]);
        await SeesAsync(user.Api, [], "nothing is seen");

        var given = await Api.GiveAsync(user.Href, Viewer, one);
        await SeesAsync(user.Api, files[..2], "a role on the first");
        await Api.GiveAsync(user.Href, Viewer, two);
        await SeesAsync(user.Api, files[..3], "and on the second, which shares a unit");

        await ModifyAsync(one, new { add_content_units = new[] { files[3] }, remove_content_units = files[..1] });
        await SeesAsync(user.Api, files[..4], "a unit that was taken out was there once");
        await Api.CompletedAsync(await Api.DeleteAsync(await Api.LatestAsync(one)));
        await SeesAsync(user.Api, files[..3], "the only version that held one is deleted");

        await Api.DeleteAsync(given);
        await SeesAsync(user.Api, files[1..3], "the first role is taken");
        await Api.CompletedAsync(await Api.DeleteAsync(two));
        await SeesAsync(user.Api, [], "the second repository is deleted");

        await Api.GiveAsync(user.Href, Viewer);
        var all = await user.Api.GetAsync($"content/file/files/?limit=1&pulp_href__in={string.Join(',', files)}");
        Assert.That((int?)all.Json?["count"], Is.EqualTo(2), "a viewer of all sees what is in some repository");
    }

    [Test]
    public async Task They_are_found_behind_much_that_is_not_seen()
    {
        var files = await FilesAsync(3);
        using var user = await Server.NewUserAsync();
        var repository = await RepositoryOfAsync(files);
        await Api.GiveAsync(user.Href, Viewer, repository);
        // Newer than those, and more than are asked for a page of two.
        for (var i = 0; i < 30; i++)
        {
            Upstream.With($"{i}.txt", Guid.NewGuid().ToString());
        }

        Upstream.Listed();
        await SyncedAsync("on_demand");

        await SeesAsync(user.Api, files, "they stand in one repository");
        await SeesAsync(user.Api, files, "asked again");
    }

    [Test]
    public async Task They_are_found_in_many_repositories()
    {
        var files = await FilesAsync(20);
        using var user = await Server.NewUserAsync();
        foreach (var file in files)
        {
            await Api.GiveAsync(user.Href, Viewer, await RepositoryOfAsync(file, files[0]));
        }

        await FilesAsync(21);

        await SeesAsync(user.Api, files, "each in a repository of its own");
    }
}
