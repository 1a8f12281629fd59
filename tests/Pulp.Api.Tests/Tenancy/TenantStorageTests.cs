using System.Text;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>Tenants' files move, and tenants go.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantStorageTests(Engine engine) : ApiFixture(engine)
{
    private const string FileSystem = "pulpcore.app.models.storage.FileSystem";

    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    private string Place(string name) => Path.Combine(Server.Settings.DataDir, name);

    private async Task<(string Name, string Href, string Root)> NewTenantAsync(string location)
    {
        var name = PulpClient.Unique();
        var made = await Api.PostAsync(
            "domains/",
            new
            {
                name,
                storage_class = FileSystem,
                storage_settings = new { location },
            }
        );
        return (name, made.Href, $"/pulp/{name}/api/v3/");
    }

    private async Task<JsonNode> UploadAsync(string root, string text)
    {
        var unit = await Api.UploadAsync(
            root + "content/file/files/upload/",
            Encoding.UTF8.GetBytes(text),
            new { relative_path = "hello.txt" }
        );
        return unit.Json ?? throw new InvalidOperationException(unit.Text);
    }

    private async Task<string> ServedAsync(string root, JsonNode unit)
    {
        var repository = (await Api.PostAsync(root + "repositories/file/file/", new { name = "r" })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "modify/",
                new { add_content_units = new[] { (string?)unit["pulp_href"] } }
            )
        );
        await Api.CompletedAsync(await Api.PostAsync(root + "publications/file/file/", new { repository }));
        await Api.CompletedAsync(
            await Api.PostAsync(
                root + "distributions/file/file/",
                new
                {
                    name = "d",
                    base_path = "d",
                    repository,
                }
            )
        );
        return repository;
    }

    [Test]
    public async Task Files_move_with_their_domain()
    {
        var (name, domain, root) = await NewTenantAsync(Place("old"));
        await ServedAsync(root, await UploadAsync(root, "moved"));
        var url = $"/pulp/content/{name}/d/hello.txt";
        Assert.That((await Api.GetAsync(url)).Text, Is.EqualTo("moved"));

        var started = await Api.PostAsync(
            root + "domains/migrate/",
            new { storage_class = FileSystem, storage_settings = new { MEDIA_ROOT = Place("new") } }
        );
        var task = await Api.CompletedAsync(started);

        var id = domain.Split('/')[^2];
        Assert.Multiple(() =>
        {
            Assert.That(started.Task, Does.StartWith(root + "tasks/"));
            Assert.That(
                task["reserved_resources_record"]?.AsArray().Select(r => (string?)r),
                Is.EqualTo(new[] { $"prn:core.domain:{id}" })
            );
            Assert.That(
                task["progress_reports"]?.AsArray().Select(p => $"{p?["code"]} {p?["done"]}/{p?["total"]}"),
                Is.EqualTo(new[] { "migrate 2/2", "update 1/1" })
            );
        });
        Directory.Delete(Place("old"), recursive: true);
        Assert.That((await Api.GetAsync(url)).Text, Is.EqualTo("moved"));
        Assert.That(
            (string?)(await Api.GetAsync(domain)).Json?["storage_settings"]?["location"],
            Is.EqualTo(Place("new"))
        );
        await UploadAsync(root, "new there");
        Assert.That(
            Directory.EnumerateFiles(Path.Combine(Place("new"), "artifact"), "*", SearchOption.AllDirectories),
            Has.Exactly(3).Items
        );
        Assert.That(Directory.Exists(Place("old")), Is.False);
    }

    [Test]
    public async Task A_lost_file_keeps_its_domain_where_it_is()
    {
        var (_, domain, root) = await NewTenantAsync(Place("losing"));
        var unit = await UploadAsync(root, "lost");
        Directory.Delete(Path.Combine(Place("losing"), "artifact"), recursive: true);

        var task = await Api.EndOfAsync(
            (
                await Api.PostAsync(
                    root + "domains/migrate/",
                    new { storage_class = FileSystem, storage_settings = new { location = Place("never") } }
                )
            ).Task
        );

        Assert.That((string?)task["state"], Is.EqualTo("failed"));
        Assert.That((string?)task["error"]?["description"], Does.Contain($"sha256={unit["sha256"]}"));
        Assert.That(
            (string?)(await Api.GetAsync(domain)).Json?["storage_settings"]?["location"],
            Is.EqualTo(Place("losing"))
        );
    }

    [Test]
    public async Task What_cannot_be_moved_is_refused()
    {
        var (_, _, root) = await NewTenantAsync("");

        Assert.That(
            (await Api.PostAsync("domains/migrate/", new { })).Text,
            Is.EqualTo("""["Default domain can not be migrated."]""")
        );
        Assert.That(
            (await Api.PostAsync(root + "domains/migrate/", new { })).Text,
            Is.EqualTo(
                """{"storage_class":["This field is required."],"storage_settings":["This field is required."]}"""
            )
        );
        Assert.That(
            (
                await Api.PostAsync(
                    root + "domains/migrate/",
                    new { storage_class = FileSystem, storage_settings = new { location = "/dev/null/x" } }
                )
            ).Code,
            Is.EqualTo(400)
        );
    }

    [Test]
    public async Task A_domain_in_use_stays()
    {
        var (_, domain, root) = await NewTenantAsync(Place("used"));
        var unit = await UploadAsync(root, "kept");
        var repository = await ServedAsync(root, unit);

        var held = await Api.EndOfAsync((await Api.DeleteAsync(domain)).Task);
        Assert.That((string?)held["state"], Is.EqualTo("failed"));
        Assert.That(
            (string?)held["error"]?["description"],
            Is.EqualTo("[PLP0007] You cannot delete a domain that still contains repositories with content.")
        );

        await Api.CompletedAsync(await Api.DeleteAsync(repository));
        var left = await Api.EndOfAsync((await Api.DeleteAsync(domain)).Task);
        Assert.That((string?)left["error"]?["description"], Does.Contain("distributions"));
        Assert.That((await Api.GetAsync((string?)unit["pulp_href"] ?? "")).Code, Is.EqualTo(200));
    }

    [Test]
    public async Task A_domain_that_nobody_needs_goes_with_its_files()
    {
        var (name, domain, root) = await NewTenantAsync(Place("going"));
        await UploadAsync(root, "gone");
        await Api.CompletedAsync(await Api.PostAsync(root + "orphans/cleanup/", new { orphan_protection_time = 600 }));

        var user = await Api.PostAsync("users/", new { username = PulpClient.Unique(), password = "a good one 1" });
        var given = await Api.PostAsync(
            user.Href + "roles/",
            new
            {
                role = "file.filerepository_viewer",
                domain,
                content_object = (string?)null,
            }
        );
        Assert.That(given.Code, Is.EqualTo(201), given.Text);

        var deleted = await Api.DeleteAsync(domain);
        await Api.CompletedAsync(deleted);
        Assert.That((await Api.GetAsync(user.Href + "roles/")).Results, Is.Empty);

        Assert.That(deleted.Task, Does.StartWith("/pulp/default/api/v3/tasks/"));
        Assert.That((await Api.GetAsync(root + "repositories/")).Code, Is.EqualTo(404));
        Assert.That((await Api.GetAsync(domain)).Code, Is.EqualTo(404));
        Assert.That((await Api.GetAsync($"/pulp/content/{name}/")).Code, Is.EqualTo(404));
        Assert.That(
            Directory.EnumerateFiles(Path.Combine(Place("going"), "artifact"), "*", SearchOption.AllDirectories),
            Is.Empty
        );
    }
}
