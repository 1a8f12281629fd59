namespace Pulp.Api.Tests.Roles;

/// <summary>Content has no roles of its own: it is seen with a repository that holds it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ContentByRoleTests(Engine engine) : ApiFixture(engine)
{
    private const string Owner = "file.filerepository_owner";
    private const string Viewer = "file.filerepository_viewer";

    private async Task<(Person Owner, string Repository)> OwnedAsync()
    {
        var owner = await Server.NewUserAsync("file.filerepository_creator");
        return (owner, await owner.Api.NewRepositoryAsync());
    }

    [Test]
    public async Task Content_is_seen_with_a_repository_that_holds_it()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var other = await Server.NewUserAsync();
        var path = PulpClient.Unique();
        var unit = await Api.NewFileAsync(path, "text");
        var before = await owner.Api.GetAsync(unit);
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
        );

        var listed = await owner.Api.NamesAsync("content/file/files/", "pulp_href");
        var everything = await owner.Api.NamesAsync("content/", "pulp_href");
        var theirs = await other.Api.NamesAsync("content/file/files/", "pulp_href");

        Assert.Multiple(() =>
        {
            Assert.That(before.Code, Is.EqualTo(404));
            Assert.That(listed, Is.EqualTo(new[] { unit }));
            Assert.That(everything, Is.EqualTo(new[] { unit }));
            Assert.That(theirs, Is.Empty);
        });
    }

    [Test]
    public async Task Content_of_a_repository_that_is_not_seen_is_not_added_to_ones_own()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        var hidden = await Api.NewRepositoryAsync();
        var unit = await Api.NewFileAsync(PulpClient.Unique(), "behind");
        var free = await Api.NewFileAsync(PulpClient.Unique(), "in no repository");
        await Api.CompletedAsync(await Api.PostAsync(hidden + "modify/", new { add_content_units = new[] { unit } }));
        var prn = (string?)(await Api.GetAsync(unit)).Json?["prn"];
        Task<Answer> AddAsync(params string?[] units) =>
            owner.Api.PostAsync(repository + "modify/", new { add_content_units = units });

        var byHref = await AddAsync(free, unit);
        var byPrn = await AddAsync(prn);
        var uploaded = await AddAsync(free);
        await Api.GiveAsync(owner.Href, "file.filerepository_viewer", hidden);
        var seen = await AddAsync(unit);

        Assert.That(
            new[] { byHref.Code, byPrn.Code, uploaded.Code, seen.Code },
            Is.EqualTo(new[] { 400, 400, 202, 202 })
        );
        Assert.That(byHref.Text, Does.Contain("Could not find the following content units"));
    }

    [Test]
    public async Task A_version_that_is_not_seen_is_no_filter_however_it_is_named()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var other = await Server.NewUserAsync("file.filerepository_creator");
        var unit = await Api.NewFileAsync(PulpClient.Unique(), "text");
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
        );
        var href = await Api.LatestAsync(repository);
        var prn = (string?)(await Api.GetAsync(href)).Json?["prn"];
        var own = await other.Api.NewRepositoryAsync();

        foreach (var version in new[] { href, prn })
        {
            foreach (var filter in new[] { "", "_added", "_removed" })
            {
                var seen = await owner.Api.GetAsync($"content/file/files/?repository_version{filter}={version}");
                var hidden = await other.Api.GetAsync($"content/file/files/?repository_version{filter}={version}");
                var generic = await other.Api.GetAsync($"content/?repository_version{filter}={version}");
                Assert.That((int?)seen.Json?["count"], Is.EqualTo(filter == "_removed" ? 0 : 1), seen.Text);
                Assert.That((hidden.Code, generic.Code), Is.EqualTo((400, 400)), hidden.Text);
            }

            var taken = await other.Api.PostAsync(own + "modify/", new { base_version = version });
            Assert.That(taken.Code, Is.EqualTo(400), taken.Text);
        }
    }

    [Test]
    public async Task A_list_holds_what_is_seen_once_and_counts_it_right()
    {
        using var user = await Server.NewUserAsync();
        var group = PulpClient.Unique();
        var href = await Server.NewGroupAsync(group, user);
        var seen = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var repository = await Api.NewRepositoryAsync();
            await Api.NewRepositoryAsync();
            await Api.GiveAsync(user.Href, Viewer, repository);
            await Api.GiveAsync(user.Href, Owner, repository);
            await Api.GiveAsync(href, Viewer, repository);
            seen.Insert(0, repository);
        }

        var python = (await Api.PostAsync("repositories/python/python/", new { name = PulpClient.Unique() })).Href;
        await Api.GiveAsync(href, "python.pythonrepository_viewer", python);
        var page = await user.Api.GetAsync("repositories/file/file/?limit=2&offset=1");
        var last = await user.Api.GetAsync("repositories/file/file/?limit=2&offset=4");
        var all = await user.Api.NamesAsync("repositories/", "pulp_href");
        var byName = await user.Api.GetAsync("repositories/?ordering=name");
        var one = await user.Api.GetAsync($"repositories/file/file/?pulp_href__in={seen[0]},{seen[1]}");

        Assert.Multiple(() =>
        {
            Assert.That((int?)page.Json?["count"], Is.EqualTo(5));
            Assert.That(page.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(seen[1..3]));
            Assert.That(last.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(seen[4..]));
            Assert.That(all, Is.EqualTo(new[] { python }.Concat(seen)));
            Assert.That((int?)byName.Json?["count"], Is.EqualTo(6));
            Assert.That((int?)one.Json?["count"], Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_list_of_several_kinds_follows_what_is_made_and_deleted_of_a_kind_that_is_seen_whole()
    {
        using var user = await Server.NewUserAsync("file.filerepository_viewer");
        var python = (await Api.PostAsync("repositories/python/python/", new { name = PulpClient.Unique() })).Href;
        await Api.PostAsync("repositories/python/python/", new { name = PulpClient.Unique() });
        async Task<(int? Count, string?[] Hrefs)> ListAsync()
        {
            var page = await user.Api.GetAsync("repositories/?limit=3");
            return ((int?)page.Json?["count"], [.. page.Results.Select(r => (string?)r["pulp_href"])]);
        }

        var file = await Api.NewRepositoryAsync();
        var before = await ListAsync();
        var second = await Api.NewRepositoryAsync();
        var more = await ListAsync();
        await Api.GiveAsync(user.Href, "python.pythonrepository_viewer", python);
        var given = await ListAsync();
        await Api.CompletedAsync(await Api.DeleteAsync(file));
        var fewer = await ListAsync();

        Assert.Multiple(() =>
        {
            Assert.That(before.Hrefs[0], Is.EqualTo(file));
            Assert.That(more.Hrefs[..2], Is.EqualTo(new[] { second, file }));
            Assert.That(given.Hrefs, Is.EqualTo(new[] { second, file, python }));
            Assert.That(fewer.Hrefs[..2], Is.EqualTo(new[] { second, python }));
            Assert.That(
                new[] { more.Count, given.Count, fewer.Count },
                Is.EqualTo(new[] { before.Count + 1, before.Count + 2, before.Count + 1 })
            );
        });
    }
}
