namespace PulpPython.Tests.Repositories;

/// <summary>What a repository takes, and what its actions do.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class VersionRuleTests(Engine engine) : PythonFixture(engine)
{
    private async Task<JsonNode> ModifyAsync(string repository, string[] add, params string[] remove) =>
        await Api.EndOfAsync(
            (
                await Api.PostAsync(
                    repository + "modify/",
                    new { add_content_units = add, remove_content_units = remove }
                )
            ).Task
        );

    [Test]
    public async Task A_file_may_be_replaced_unless_the_repository_says_otherwise()
    {
        var (open, _) = await NewIndexAsync();
        var (strict, path) = await NewIndexAsync(new { allow_package_substitution = false });
        var name = PulpClient.Unique();
        var old = await NewPackageAsync(TestPackage.Wheel(name, "1.0"));
        var package = TestPackage.Wheel(name, "1.0", "Summary: another");
        var newer = await NewPackageAsync(package);
        foreach (var repository in new[] { open, strict })
        {
            await ModifyAsync(repository, [old]);
        }

        var replaced = await ModifyAsync(open, [newer]);
        var refused = await ModifyAsync(strict, [newer]);
        var same = await ModifyAsync(strict, [old]);
        var meant = await ModifyAsync(strict, [newer], old);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)replaced["state"], Is.EqualTo("completed"));
            Assert.That((string?)refused["error"]?["description"], Does.Contain("allow_package_substitution"));
            Assert.That((string?)same["state"], Is.EqualTo("completed"));
            Assert.That((string?)meant["state"], Is.EqualTo("completed"), meant.ToJsonString());
            var page = await JsonPageAsync($"{path}/simple/{name}/");
            Assert.That((string?)page["files"]?[0]?["hashes"]?["sha256"], Is.EqualTo(package.Sha256));
        });
    }

    [Test]
    public async Task What_is_on_the_block_list_comes_in_by_no_way()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        var (bad, good) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "1.1"));
        await Api.PostAsync(
            repository + "blocklist_entries/",
            new { name = name.ToUpperInvariant(), version = "1.0.0" }
        );
        await Api.PostAsync(repository + "blocklist_entries/", new { filename = $"{name}-2.0-py3-none-any.whl" });
        await Api.PostAsync(repository + "blocklist_entries/", new { name = "other" });

        var modified = await ModifyAsync(repository, [await NewPackageAsync(bad), await NewPackageAsync(good)]);
        var uploaded = await UploadAsync(path, bad);
        var byName = await UploadAsync(path, TestPackage.Wheel(name, "2.0"));
        await Api.CompletedAsync(await UploadAsync(path, good));

        var list = await Api.GetAsync(repository + "blocklist_entries/");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)modified["error"]?["description"], Does.Contain(bad.Filename));
            Assert.That((uploaded.Code, byName.Code), Is.EqualTo((400, 400)));
            Assert.That(uploaded.Text, Does.Contain("block list"));
            Assert.That(list.Results, Has.Count.EqualTo(3));
            await Api.DeleteAsync(list.Results.Select(r => r["pulp_href"]).Select(h => (string?)h ?? "").First());
            Assert.That((await Api.GetAsync(repository + "blocklist_entries/")).Results, Has.Count.EqualTo(2));
        });
    }

    [TestCase("""{}""")]
    [TestCase("""{"name": "a", "filename": "b"}""")]
    [TestCase("""{"version": "1.0", "filename": "b"}""")]
    [TestCase("""{"name": "a", "version": "x!"}""")]
    [TestCase("""{"name": "-"}""")]
    public async Task An_entry_of_the_block_list_makes_sense(string entry)
    {
        var (repository, _) = await NewIndexAsync();

        var answer = await Api.RawAsync(HttpMethod.Post, repository + "blocklist_entries/", entry);

        Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
    }

    [Test]
    public async Task A_yanked_release_says_so_until_that_is_taken_back()
    {
        var (repository, path) = await NewIndexAsync();
        var name = "Yank_" + PulpClient.Unique();
        var normal = name.ToLowerInvariant().Replace('_', '-');
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "1.1"));

        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "yank/",
                new
                {
                    name,
                    version = "1.1.0",
                    reason = "It \"spills\"",
                }
            )
        );
        var html = await PageAsync($"{path}/simple/{normal}/");
        var json = await JsonPageAsync($"{path}/simple/{normal}/");
        var release = (await PageAsync($"{path}/pypi/{normal}/json")).Json;
        var yanked = (await PageAsync($"{path}/pypi/{normal}/1.1/json")).Json;
        await Api.CompletedAsync(await Api.PostAsync(repository + "unyank/", new { name, version = "1.1" }));
        var after = await JsonPageAsync($"{path}/simple/{normal}/");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(html.Text, Does.Contain("data-yanked=\"It &quot;spills&quot;\""));
            Assert.That(
                json["files"]?.AsArray().Select(f => f?["yanked"]?.ToString()),
                Is.EqualTo(new[] { "false", "It \"spills\"" })
            );
            Assert.That((string?)release?["info"]?["version"], Is.EqualTo("1.0"));
            Assert.That((string?)yanked?["info"]?["yanked_reason"], Is.EqualTo("It \"spills\""));
            Assert.That((bool?)after["files"]?[1]?["yanked"], Is.False);
            Assert.That((long?)after["meta"]?["_last-serial"], Is.EqualTo(3));
            var none = await Api.PostAsync(repository + "yank/", new { name, version = "3.0" });
            Assert.That(none.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Repair_reads_the_metadata_from_the_files_again()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        var package = TestPackage.Wheel(name, "1.0", "Requires-Python: >=3.9");
        await AddAsync(repository, package);
        await JsonPageAsync($"{path}/simple/{name}/");
        await SpoilAsync(package);

        await Api.CompletedAsync(await Api.PostAsync(repository + "repair_metadata/"));

        var unit = (await Api.GetAsync($"content/python/packages/?sha256={package.Sha256}")).Results[0];
        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var metadata = await Api.GetAsync($"/pulp/content/{path}/{package.Filename}.metadata");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)unit["requires_python"], Is.EqualTo(">=3.9"));
            Assert.That((string?)unit["metadata_sha256"], Is.EqualTo(package.MetadataSha256));
            Assert.That((string?)page["files"]?[0]?["requires-python"], Is.EqualTo(">=3.9"));
            Assert.That(metadata.Code, Is.EqualTo(200));
            Assert.That(await VersionsAsync(repository), Is.EqualTo(2), "it makes none");
        });
    }

    /// <summary>As an older server may have stored it.</summary>
    private async Task SpoilAsync(TestPackage package)
    {
        await Server.ExecuteAsync(
            $"update python_pythonpackagecontent set requires_python = 'x', metadata_sha256 = null where sha256 = '{package.Sha256}'"
        );
        await Server.ExecuteAsync(
            $"delete from core_contentartifact where relative_path = '{package.Filename}.metadata'"
        );
    }

    [Test]
    public async Task An_index_of_a_repository_that_publishes_by_itself_waits_for_no_publication()
    {
        var (repository, path) = await NewIndexAsync(new { autopublish = true });
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");

        await AddAsync(repository, package);
        await Api.CompletedAsync(await UploadAsync(path, TestPackage.Wheel(package.Project, "1.1")));

        var publications = await Api.GetAsync($"publications/python/pypi/?repository={repository}");
        var page = await JsonPageAsync($"{path}/simple/{package.Project}/");
        var file = await Api.GetAsync($"/pulp/content/{path}/{package.Filename}");
        Assert.Multiple(() =>
        {
            Assert.That(publications.Results, Is.Not.Empty);
            Assert.That(page["files"]?.AsArray(), Has.Count.EqualTo(2), "the newest version, published or not");
            Assert.That(file.Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_remote_says_what_is_wrong_with_it()
    {
        var answer = await Api.PostAsync(
            "remotes/python/python/",
            new
            {
                name = PulpClient.Unique(),
                url = "https://pypi.example.com/",
                includes = new[] { "Django>=5", "shelf reader!" },
                excludes = new[] { "==1" },
                package_types = new[] { "sdist", "deb" },
                exclude_platforms = new[] { "amiga" },
                keep_latest_packages = -1,
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(
                answer.Json?.AsObject().Select(f => f.Key),
                Is.EquivalentTo(
                    new[] { "includes", "excludes", "package_types", "exclude_platforms", "keep_latest_packages" }
                )
            );
        });
    }
}
