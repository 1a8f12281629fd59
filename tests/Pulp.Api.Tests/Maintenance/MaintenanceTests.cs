namespace Pulp.Api.Tests.Maintenance;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class MaintenanceTests(Engine engine) : ApiFixture(engine)
{
    private string FileOf(JsonNode artifact) =>
        Path.Combine(Server.Settings.MediaRoot, (string?)artifact["file"] ?? "");

    private async Task<JsonNode> ArtifactAsync(string content)
    {
        var unit = await Api.GetAsync(content);
        return (await Api.GetAsync((string?)unit.Json?["artifact"] ?? "")).Json ?? new JsonObject();
    }

    [Test]
    public async Task Orphans_go_with_their_files_and_what_is_held_stays()
    {
        var orphan = await Api.NewFileAsync("orphan", "orphan " + Guid.NewGuid());
        var held = await Api.NewFileAsync("held", "held " + Guid.NewGuid());
        var (orphanArtifact, heldArtifact) = (await ArtifactAsync(orphan), await ArtifactAsync(held));
        var repository = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { held } })
        );

        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(orphan)).Code, Is.EqualTo(404));
            Assert.That(File.Exists(FileOf(orphanArtifact)), Is.False);
            Assert.That((await Api.GetAsync(held)).Code, Is.EqualTo(200));
            Assert.That(File.Exists(FileOf(heldArtifact)));
        });
    }

    [Test]
    public async Task Young_orphans_are_protected()
    {
        var orphan = await Api.NewFileAsync("young", "young " + Guid.NewGuid());

        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 60 }));

        Assert.That((await Api.GetAsync(orphan)).Code, Is.EqualTo(200));
    }

    [Test]
    public async Task Only_the_named_orphans_go()
    {
        var named = await Api.NewFileAsync("named", "named " + Guid.NewGuid());
        var other = await Api.NewFileAsync("other", "other " + Guid.NewGuid());

        await Api.CompletedAsync(
            await Api.PostAsync("orphans/cleanup/", new { content_hrefs = new[] { named }, orphan_protection_time = 0 })
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(named)).Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync(other)).Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task Reclaimed_files_are_fetched_again_when_asked_for()
    {
        var text = "reclaim " + Guid.NewGuid();
        Upstream.With("a", text).Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        await Api.GetAsync(path + "a");
        var unit = (
            await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}")
        ).Results[0];
        var file = FileOf(await ArtifactAsync((string?)unit["pulp_href"] ?? ""));

        await Api.CompletedAsync(
            await Api.PostAsync("repositories/reclaim_space/", new { repo_hrefs = new[] { repository } })
        );

        var gone = !File.Exists(file);
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(gone);
            Assert.That((await Api.GetAsync(path + "a")).Text, Is.EqualTo(text));
            Assert.That(Upstream.Count("a"), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Files_that_can_not_be_fetched_again_are_not_reclaimed()
    {
        var uploaded = await Api.NewFileAsync("mine", "mine " + Guid.NewGuid());
        var repository = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { uploaded } })
        );

        await Api.CompletedAsync(
            await Api.PostAsync("repositories/reclaim_space/", new { repo_hrefs = new[] { "*" } })
        );

        Assert.That(File.Exists(FileOf(await ArtifactAsync(uploaded))));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Broken_files_are_repaired_from_upstream(bool whole)
    {
        var text = "repair " + Guid.NewGuid();
        Upstream.With("a", text).Listed();
        var (repository, _) = await SyncedAsync();
        var version = await Api.LatestAsync(repository);
        var unit = (await Api.GetAsync($"content/file/files/?repository_version={version}")).Results[0];
        var file = FileOf(await ArtifactAsync((string?)unit["pulp_href"] ?? ""));
        if (whole)
        {
            File.Delete(file);
        }
        else
        {
            await File.WriteAllTextAsync(file, "rotten " + Guid.NewGuid());
        }

        var task = await Api.CompletedAsync(await Api.PostAsync(version + "repair/", new { verify_checksums = true }));

        var reports = DoneOf(task);
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(file), Is.EqualTo(text));
            Assert.That(reports["repair.missing"], Is.EqualTo(whole ? 1 : 0));
            Assert.That(reports["repair.corrupted"], Is.EqualTo(whole ? 0 : 1));
            Assert.That(reports["repair.repaired"], Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_directory_in_a_files_place_keeps_no_other_from_being_repaired_or_reclaimed()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Upstream.With(name, $"{name} {Guid.NewGuid()}");
        }

        Upstream.Listed();
        var (repository, _) = await SyncedAsync();
        var version = await Api.LatestAsync(repository);
        var files = new List<string>();
        foreach (var unit in (await Api.GetAsync($"content/file/files/?repository_version={version}")).Results)
        {
            files.Add(FileOf(await ArtifactAsync((string?)unit["pulp_href"] ?? "")));
        }

        // Artifacts are looked at by id; the middle one has somebody before it and somebody behind.
        File.Delete(files[0]);
        File.Delete(files[1]);
        Directory.CreateDirectory(Path.Combine(files[1], "inside"));
        File.Delete(files[2]);
        var task = await Api.CompletedAsync(await Api.PostAsync(version + "repair/", new { verify_checksums = true }));
        var repaired = files.Where(File.Exists).ToList();
        var reclaim = await Api.CompletedAsync(
            await Api.PostAsync("repositories/reclaim_space/", new { repo_hrefs = new[] { repository } })
        );

        Assert.Multiple(() =>
        {
            Assert.That(DoneOf(reclaim)["reclaim-space.artifact"], Is.EqualTo(3));
            Assert.That(Directory.Exists(Path.Combine(files[1], "inside")));
            Assert.That(DoneOf(task)["repair.missing"], Is.EqualTo(3));
            Assert.That(DoneOf(task)["repair.repaired"], Is.EqualTo(2));
            Assert.That(repaired, Is.EquivalentTo(new[] { files[0], files[2] }));
        });
    }

    private static Dictionary<string, int?> DoneOf(JsonNode task) =>
        (task["progress_reports"]?.AsArray() ?? []).ToDictionary(r => (string?)r?["code"] ?? "", r => (int?)r?["done"]);

    [Test]
    public async Task What_there_is_one_of_in_a_domain_is_reserved_under_Pulps_names()
    {
        async Task<IEnumerable<string?>> ReservedAsync(Answer started) =>
            (await Api.CompletedAsync(started))["reserved_resources_record"]?.AsArray().Select(r => (string?)r) ?? [];

        var name = PulpClient.Unique();

        Assert.That(
            await ReservedAsync(await Api.PostAsync("orphans/cleanup/")),
            Has.One.Match("^pdrn:[0-9a-f-]{36}:orphans$")
        );
        Assert.That(await ReservedAsync(await Api.PostAsync("repair/")), Has.One.Match("^pdrn:[0-9a-f-]{36}:repair$"));
        Assert.That(
            await ReservedAsync(await Api.PostAsync("distributions/file/file/", new { name, base_path = name })),
            Has.One.Match("^pdrn:[0-9a-f-]{36}:distributions$")
        );
    }

    [Test]
    public async Task Artifacts_are_deleted_by_nobody_unless_the_policy_says_so_and_never_in_use()
    {
        var policy = (await Api.GetAsync("access_policies/?viewset_name=artifacts")).Results[0]["pulp_href"];
        object[] everything =
        [
            new
            {
                action = "*",
                principal = "admin",
                effect = "allow",
            },
        ];
        var unit = await Api.GetAsync(await Api.NewFileAsync("used", "used " + Guid.NewGuid()));
        var spare = (await Api.UploadAsync("artifacts/", Guid.NewGuid().ToByteArray())).Href;

        var refused = await Api.DeleteAsync(spare);
        await Api.PatchAsync((string?)policy ?? "", new { statements = everything });
        var used = await Api.DeleteAsync((string?)unit.Json?["artifact"] ?? "");
        var unused = await Api.DeleteAsync(spare);
        await Api.PostAsync($"{policy}reset/");

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(403));
            Assert.That(used.Code, Is.EqualTo(409));
            Assert.That(unused.Code, Is.EqualTo(204));
        });
    }
}
