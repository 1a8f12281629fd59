namespace Pulp.Api.Tests.Repositories;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class VersionTests(Engine engine) : ApiFixture(engine)
{
    private async Task<Answer> ModifyAsync(string repository, object body) =>
        await Api.PostAsync(repository + "modify/", body);

    private async Task<string> RepositoryOfAsync(params string[] paths)
    {
        var repository = await Api.NewRepositoryAsync();
        await AddAsync(repository, [.. await FilesAsync(paths)]);
        return repository;
    }

    private async Task<IReadOnlyList<string>> FilesAsync(params string[] paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            files.Add(await Api.NewFileAsync(path, path + Guid.NewGuid()));
        }

        return files;
    }

    private async Task AddAsync(string repository, params string[] units) =>
        await Api.CompletedAsync(await ModifyAsync(repository, new { add_content_units = units }));

    [Test]
    public async Task Adding_and_removing_makes_versions_that_stay_as_they_were()
    {
        var repository = await Api.NewRepositoryAsync();
        var files = await FilesAsync("a", "b", "c");
        await AddAsync(repository, files[0], files[1]);

        await Api.CompletedAsync(
            await ModifyAsync(
                repository,
                new { add_content_units = new[] { files[2] }, remove_content_units = new[] { files[0] } }
            )
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await Api.PathsAsync(repository + "versions/0/"), Is.Empty);
            Assert.That(await Api.PathsAsync(repository + "versions/1/"), Is.EqualTo(new[] { "a", "b" }));
            Assert.That(await Api.PathsAsync(repository + "versions/2/"), Is.EqualTo(new[] { "b", "c" }));
        });
    }

    [Test]
    public async Task A_newcomer_under_the_same_path_replaces_its_rival()
    {
        var repository = await RepositoryOfAsync("same", "other");

        await AddAsync(repository, [.. await FilesAsync("same")]);

        var summary = (await Api.GetAsync(repository + "versions/2/")).Json?["content_summary"];
        Assert.Multiple(() =>
        {
            Assert.That((int?)summary?["added"]?["file.file"]?["count"], Is.EqualTo(1));
            Assert.That((int?)summary?["removed"]?["file.file"]?["count"], Is.EqualTo(1));
            Assert.That((int?)summary?["present"]?["file.file"]?["count"], Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Two_newcomers_under_one_path_are_refused()
    {
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.EndOfAsync(
            (await ModifyAsync(repository, new { add_content_units = await FilesAsync("x", "x") })).Task
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("failed"));
            Assert.That((string?)task["error"]?["description"], Does.Contain("duplicate"));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/0/"));
        });
    }

    [Test]
    public async Task Overwrite_false_refuses_with_409_what_would_be_replaced()
    {
        var repository = await RepositoryOfAsync("kept");

        var answer = await ModifyAsync(
            repository,
            new { add_content_units = await FilesAsync("kept"), overwrite = false }
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(answer.Code, Is.EqualTo(409));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/1/"));
        });
    }

    [Test]
    public async Task A_star_removes_everything()
    {
        var repository = await RepositoryOfAsync("a", "b");

        await Api.CompletedAsync(await ModifyAsync(repository, new { remove_content_units = new[] { "*" } }));

        Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.Empty);
    }

    [Test]
    public async Task A_change_that_changes_nothing_makes_no_version()
    {
        var repository = await Api.NewRepositoryAsync();
        var files = await FilesAsync("a");
        await AddAsync(repository, files[0]);

        var task = await Api.CompletedAsync(await ModifyAsync(repository, new { add_content_units = files }));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(task["created_resources"]?.AsArray(), Is.Empty);
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/1/"));
        });
    }

    [Test]
    public async Task A_base_version_starts_over_from_its_content()
    {
        var repository = await RepositoryOfAsync("a", "b");
        await AddAsync(repository, [.. await FilesAsync("c")]);

        await Api.CompletedAsync(
            await ModifyAsync(
                repository,
                new { base_version = repository + "versions/1/", add_content_units = await FilesAsync("d") }
            )
        );

        var version = await Api.GetAsync(repository + "versions/3/");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await Api.PathsAsync(repository + "versions/3/"), Is.EqualTo(new[] { "a", "b", "d" }));
            Assert.That((string?)version.Json?["base_version"], Is.EqualTo(repository + "versions/1/"));
        });
    }

    [Test]
    public async Task Content_is_promoted_from_one_repository_to_another()
    {
        var dev = await RepositoryOfAsync("a", "b");
        var test = await RepositoryOfAsync("old");

        await Api.CompletedAsync(await ModifyAsync(test, new { base_version = dev + "versions/1/" }));

        Assert.That(await Api.PathsAsync(await Api.LatestAsync(test)), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Deleting_a_version_in_the_middle_leaves_the_others()
    {
        var repository = await Api.NewRepositoryAsync();
        var files = await FilesAsync("a", "b", "c");
        await AddAsync(repository, files[0]);
        await Api.CompletedAsync(
            await ModifyAsync(
                repository,
                new { add_content_units = new[] { files[1] }, remove_content_units = new[] { files[0] } }
            )
        );
        await AddAsync(repository, files[0], files[2]);

        await Api.CompletedAsync(await Api.DeleteAsync(repository + "versions/2/"));

        var third = (await Api.GetAsync(repository + "versions/3/")).Json?["content_summary"];
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(repository + "versions/2/")).Code, Is.EqualTo(404));
            Assert.That(await Api.PathsAsync(repository + "versions/1/"), Is.EqualTo(new[] { "a" }));
            Assert.That(await Api.PathsAsync(repository + "versions/3/"), Is.EqualTo(new[] { "a", "b", "c" }));
            Assert.That((int?)third?["added"]?["file.file"]?["count"], Is.EqualTo(2));
            Assert.That(third?["removed"]?["file.file"], Is.Null);
        });
    }

    [Test]
    public async Task Deleting_the_newest_version_goes_back_and_its_number_is_not_used_again()
    {
        var repository = await RepositoryOfAsync("a");
        await AddAsync(repository, [.. await FilesAsync("b")]);

        await Api.CompletedAsync(await Api.DeleteAsync(repository + "versions/2/"));
        var back = await Api.PathsAsync(await Api.LatestAsync(repository));
        await AddAsync(repository, [.. await FilesAsync("c")]);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(back, Is.EqualTo(new[] { "a" }));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/3/"));
            Assert.That(await Api.PathsAsync(repository + "versions/3/"), Is.EqualTo(new[] { "a", "c" }));
        });
    }

    [Test]
    public async Task The_last_version_can_not_be_deleted()
    {
        var answer = await Api.DeleteAsync(await Api.NewRepositoryAsync() + "versions/0/");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Text, Does.Contain("at least one repository version"));
        });
    }

    [Test]
    public async Task A_version_that_is_served_can_not_be_deleted()
    {
        var repository = await RepositoryOfAsync("a");
        var publication = await Api.NewPublicationAsync(new { repository });
        await Api.NewDistributionAsync(new { publication });
        await AddAsync(repository, [.. await FilesAsync("b")]);

        var answer = await Api.DeleteAsync(repository + "versions/1/");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Text, Does.Contain("currently being used to distribute content"));
        });
    }

    [Test]
    public async Task Only_so_many_versions_are_retained_and_served_ones_are_spared()
    {
        var repository = await Api.NewRepositoryAsync(new { retain_repo_versions = 2 });
        await AddAsync(repository, [.. await FilesAsync("a")]);
        await Api.NewDistributionAsync(new { publication = await Api.NewPublicationAsync(new { repository }) });
        foreach (var path in new[] { "b", "c", "d" })
        {
            await AddAsync(repository, [.. await FilesAsync(path)]);
        }

        var versions = (await Api.GetAsync(repository + "versions/?ordering=number")).Results.Select(v =>
            (int?)v["number"]
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(versions, Is.EqualTo(new int?[] { 1, 3, 4 }));
            Assert.That(await Api.PathsAsync(repository + "versions/1/"), Is.EqualTo(new[] { "a" }));
            Assert.That(await Api.PathsAsync(repository + "versions/4/"), Is.EqualTo(new[] { "a", "b", "c", "d" }));
        });
    }

    [TestCase("add_content_units", "not a list")]
    [TestCase("add_content_units", "[\"/pulp/api/v3/remotes/file/file/0190000000000000/\"]")]
    [TestCase("base_version", "\"/pulp/api/v3/nonsense/\"")]
    public async Task Senseless_references_are_refused(string member, string value)
    {
        var repository = await Api.NewRepositoryAsync();
        var json = value.StartsWith('[') || value.StartsWith('"') ? value : $"\"{value}\"";

        var answer = await Api.RawAsync(HttpMethod.Post, repository + "modify/", $"{{\"{member}\": {json}}}");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[member], Is.Not.Null);
        });
    }

    [Test]
    public async Task Filters_find_versions_and_repositories_by_content()
    {
        var repository = await Api.NewRepositoryAsync();
        var files = await FilesAsync("a", "b");
        await AddAsync(repository, files[0]);
        await Api.CompletedAsync(
            await ModifyAsync(
                repository,
                new { add_content_units = new[] { files[1] }, remove_content_units = new[] { files[0] } }
            )
        );

        var versions = await Api.GetAsync($"{repository}versions/?content={files[0]}");
        var ever = await Api.GetAsync($"repositories/file/file/?with_content={files[0]}");
        var now = await Api.GetAsync($"repositories/file/file/?latest_with_content={files[0]}");
        var added = await Api.GetAsync($"content/?repository_version_added={repository}versions/2/");
        var removed = await Api.GetAsync($"content/file/files/?repository_version_removed={repository}versions/2/");

        Assert.Multiple(() =>
        {
            Assert.That(versions.Results.Select(v => (int?)v["number"]), Is.EqualTo(new int?[] { 1 }));
            Assert.That(ever.Results, Has.Count.EqualTo(1));
            Assert.That(now.Results, Is.Empty);
            Assert.That(added.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { files[1] }));
            Assert.That(removed.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { files[0] }));
        });
    }
}
