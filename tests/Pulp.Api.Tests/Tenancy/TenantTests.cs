using System.Text;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>Two tenants on one server: the same names, nothing in common.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantTests(Engine engine) : ApiFixture(engine)
{
    private static IReadOnlyList<string> Tenants => Pulp.Testing.Tenants.Names;

    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    [OneTimeSetUp]
    public Task MakeTenantsAsync() => Pulp.Testing.Tenants.MakeAsync(Api, LocationOf);

    private string LocationOf(string tenant) => Path.Combine(Server.Settings.DataDir, "tenants", tenant);

    private static string Root(string tenant) => $"/pulp/{tenant}/api/v3/";

    private async Task<string> NewRepositoryAsync(string tenant, string name)
    {
        var made = await Api.PostAsync(Root(tenant) + "repositories/file/file/", new { name });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        return made.Href;
    }

    private async Task<string> UploadAsync(string tenant, string path, string text) =>
        (
            await Api.UploadAsync(
                Root(tenant) + "content/file/files/upload/",
                Encoding.UTF8.GetBytes(text),
                new { relative_path = path }
            )
        ).Href;

    /// <summary>A distribution of one file at a base path that each tenant has.</summary>
    private async Task<JsonNode> DistributedAsync(string tenant, string path, string text)
    {
        var name = PulpClient.Unique();
        var repository = await NewRepositoryAsync(tenant, name);
        var unit = await UploadAsync(tenant, "hello.txt", text);
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
        );
        await Api.CompletedAsync(await Api.PostAsync(Root(tenant) + "publications/file/file/", new { repository }));
        var distribution = await Api.CreatedAsync(
            await Api.PostAsync(
                Root(tenant) + "distributions/file/file/",
                new
                {
                    name,
                    base_path = path,
                    repository,
                }
            )
        );
        return (await Api.GetAsync(distribution)).Json!;
    }

    [Test]
    public async Task Each_tenant_has_names_of_its_own()
    {
        var name = PulpClient.Unique();

        var hrefs = new List<string>();
        foreach (var tenant in Tenants.Append("default"))
        {
            hrefs.Add(await NewRepositoryAsync(tenant, name));
        }

        await Assert.MultipleAsync(async () =>
        {
            foreach (var (tenant, href) in Tenants.Append("default").Zip(hrefs))
            {
                Assert.That(href, Does.StartWith(Root(tenant)));
                var found = (await Api.GetAsync($"{Root(tenant)}repositories/file/file/?name={name}")).Results;
                Assert.That(found.Select(f => (string?)f["pulp_href"]), Is.EqualTo(new[] { href }));
                Assert.That((string?)found[0]["latest_version_href"], Does.StartWith(Root(tenant)));
            }

            var again = await Api.PostAsync(Root("blue") + "repositories/file/file/", new { name });
            Assert.That(again.Text, Is.EqualTo("""{"name":["This field must be unique."]}"""));
        });
    }

    [Test]
    public async Task A_resource_is_not_there_under_another_tenants_address()
    {
        var href = await NewRepositoryAsync("blue", PulpClient.Unique());
        var crossed = href.Replace("/blue/", "/red/", StringComparison.Ordinal);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(crossed)).Code, Is.EqualTo(404));
            Assert.That((await Api.PatchAsync(crossed, new { description = "x" })).Code, Is.EqualTo(404));
            Assert.That((await Api.DeleteAsync(crossed)).Code, Is.EqualTo(404));
            Assert.That((await Api.PostAsync(crossed + "modify/", new { })).Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync(crossed + "versions/")).Code, Is.EqualTo(404));
            Assert.That(
                (await Api.PostAsync(crossed + "set_label/", new { key = "a", value = "b" })).Code,
                Is.EqualTo(404)
            );
            Assert.That((await Api.GetAsync(href)).Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task Nothing_refers_to_what_is_another_tenants()
    {
        var (blue, red) = (
            await NewRepositoryAsync("blue", PulpClient.Unique()),
            await NewRepositoryAsync("red", PulpClient.Unique())
        );
        var unit = await UploadAsync("red", PulpClient.Unique(), "red");
        const string refused = """{"non_field_errors":["Objects must all be a part of the blue domain."]}""";
        Task<Answer> Distribute(string repository) =>
            Api.PostAsync(
                Root("blue") + "distributions/file/file/",
                new
                {
                    name = "x",
                    base_path = "x",
                    repository,
                }
            );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Distribute(red)).Text, Is.EqualTo(refused));
            Assert.That((await Distribute("prn:file.filerepository:" + red.Split('/')[^2])).Text, Is.EqualTo(refused));
            // The same id with the right domain in front isn't the same.
            Assert.That(
                (await Distribute(red.Replace("/red/", "/blue/", StringComparison.Ordinal))).Code,
                Is.EqualTo(400)
            );
            Assert.That(
                (await Api.PostAsync(Root("blue") + "publications/file/file/", new { repository = red })).Text,
                Is.EqualTo(refused)
            );
            var modified = await Api.PostAsync(blue + "modify/", new { add_content_units = new[] { unit } });
            Assert.That(
                modified.Text,
                Is.EqualTo(
                    $$"""{"add_content_units":["Content units are not a part of the current domain blue: ['{{unit}}']"]}"""
                )
            );
        });
    }

    [Test]
    public async Task The_same_path_serves_each_tenant_its_own_file()
    {
        var path = PulpClient.Unique();
        var urls = new List<string>();
        foreach (var tenant in Tenants.Append("default"))
        {
            urls.Add((string?)(await DistributedAsync(tenant, path, tenant))["base_url"] ?? "");
        }

        await Assert.MultipleAsync(async () =>
        {
            foreach (var (tenant, url) in Tenants.Append("default").Zip(urls))
            {
                Assert.That(new Uri(url).AbsolutePath, Is.EqualTo($"/pulp/content/{tenant}/{path}/"));
                Assert.That((await Api.GetAsync($"/pulp/content/{tenant}/{path}/hello.txt")).Text, Is.EqualTo(tenant));
                Assert.That((await Api.GetAsync($"/pulp/content/{tenant}/")).Text, Does.Contain($"{path}/"));
                Assert.That(
                    (await Api.GetAsync($"/pulp/content/{tenant}/{path}/")).Text,
                    Does.Contain($"Index of /pulp/content/{tenant}/{path}/")
                );
            }

            // From before domains were separated.
            Assert.That((await Api.GetAsync($"/pulp/content/{path}/hello.txt")).Text, Is.EqualTo("default"));
            Assert.That((await Api.GetAsync($"/pulp/content/nobody/{path}/hello.txt")).Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task The_same_file_is_stored_for_each_tenant()
    {
        var (path, text) = (PulpClient.Unique(), PulpClient.Unique());

        var units = new List<string>();
        foreach (var tenant in Tenants)
        {
            units.Add(await UploadAsync(tenant, path, text));
        }

        var artifacts = new List<JsonNode>();
        foreach (var unit in units)
        {
            artifacts.Add((await Api.GetAsync((string?)(await Api.GetAsync(unit)).Json?["artifact"] ?? "")).Json!);
        }

        var ids = new List<string>();
        foreach (var tenant in Tenants)
        {
            ids.Add(
                ((string?)(await Api.GetAsync($"domains/?name={tenant}")).Results[0]["pulp_href"] ?? "").Split('/')[^2]
            );
        }

        Assert.Multiple(() =>
        {
            Assert.That(units[0].Split('/')[^2], Is.Not.EqualTo(units[1].Split('/')[^2]));
            foreach (var (tenant, (artifact, id)) in Tenants.Zip(artifacts.Zip(ids)))
            {
                var sha256 = (string?)artifact["sha256"] ?? "";
                Assert.That((string?)artifact["file"], Is.EqualTo($"artifact/{id}/{sha256[..2]}/{sha256[2..]}"));
                Assert.That(
                    File.ReadAllText(Path.Combine(LocationOf(tenant), (string?)artifact["file"] ?? "")),
                    Is.EqualTo(text)
                );
            }
        });
    }

    [Test]
    public async Task Orphans_go_in_their_own_domain_alone()
    {
        var (path, text) = (PulpClient.Unique(), PulpClient.Unique());
        var (blue, red) = (await UploadAsync("blue", path, text), await UploadAsync("red", path, text));

        await Api.CompletedAsync(
            await Api.PostAsync(Root("blue") + "orphans/cleanup/", new { orphan_protection_time = 0 })
        );

        Assert.That((await Api.GetAsync(blue)).Code, Is.EqualTo(404));
        Assert.That((await Api.GetAsync(red)).Code, Is.EqualTo(200));
        Assert.That(
            (await Api.PostAsync(Root("red") + "repair/", new { verify_checksums = true })).Code,
            Is.EqualTo(202)
        );
    }

    [Test]
    public async Task Tasks_are_seen_and_touched_in_their_own_domain_alone()
    {
        var started = await Api.PostAsync(Root("blue") + "orphans/cleanup/", new { });
        var task = started.Task;
        await Api.CompletedAsync(started);
        var crossed = task.Replace("/blue/", "/red/", StringComparison.Ordinal);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(task, Does.StartWith(Root("blue") + "tasks/"));
            Assert.That((await Api.GetAsync(crossed)).Code, Is.EqualTo(404));
            Assert.That((await Api.PatchAsync(crossed, new { state = "canceled" })).Code, Is.EqualTo(404));
            Assert.That((await Api.DeleteAsync(crossed)).Code, Is.EqualTo(404));
            await Api.CompletedAsync(
                await Api.PostAsync(Root("red") + "tasks/purge/", new { finished_before = "2999-01-01T00:00:00Z" })
            );
            Assert.That((await Api.GetAsync(task)).Code, Is.EqualTo(200));
            var list = (await Api.GetAsync(Root("red") + "tasks/?limit=1000")).Results;
            Assert.That(list.Select(t => (string?)t["pulp_href"]), Has.All.StartsWith(Root("red")));
        });
    }

    [Test]
    public async Task Pages_name_the_domain_and_shared_resources_are_the_default_ones()
    {
        await NewRepositoryAsync("blue", PulpClient.Unique());
        await NewRepositoryAsync("blue", PulpClient.Unique());

        var page = await Api.GetAsync(Root("blue") + "repositories/?limit=1");
        var users = await Api.GetAsync(Root("blue") + "users/");
        var token = await Api.PostAsync(Root("blue") + "users/1/tokens/", new { name = PulpClient.Unique() });

        Assert.That((string?)page.Json?["next"], Does.Contain(Root("blue") + "repositories/?limit=1&offset=1"));
        Assert.That((string?)users.Results[0]["pulp_href"], Is.EqualTo(Root("default") + "users/1/"));
        Assert.That(token.Href, Does.StartWith(Root("default") + "users/1/tokens/"));
    }

    [TestCase("/pulp/nobody/api/v3/status/", 404)]
    [TestCase("/pulp/nobody/api/v3/repositories/", 404)]
    [TestCase("/pulp/blue/api/v3/status/", 200)]
    [TestCase("/pulp/blue/api/v3/livez/", 200)]
    [TestCase("/pulp/blue/api/v3/docs/api.json", 200)]
    [TestCase("/pulp/api/v3/status/", 200)]
    [TestCase("/pulp/api/v3/livez/", 200)]
    [TestCase("/pulp/blue/api/v3/", 200)]
    [TestCase("/pulp/api/v3/repositories/", 200)]
    [TestCase("/pulp/blue/red/api/v3/repositories/", 404)]
    public async Task Addresses_name_domains_that_are_there(string path, int status) =>
        Assert.That((await Api.GetAsync(path)).Code, Is.EqualTo(status));

    [Test]
    public async Task The_document_has_the_domain_in_its_paths()
    {
        var document = (await Api.GetAsync("docs/api.json")).Json;
        var paths = document?["paths"]?.AsObject();
        var list = paths?["/pulp/{pulp_domain}/api/v3/repositories/file/file/"]?["get"];

        Assert.That((bool?)document?["info"]?["x-pulp-domain-enabled"], Is.True);
        Assert.That(
            list?["parameters"]?.AsArray().Single(p => (string?)p?["name"] == "pulp_domain")?.ToJsonString(),
            Does.Contain("\"x-isDomain\":true").And.Contain("\"required\":true")
        );
        Assert.That(paths?.ContainsKey("/pulp/api/v3/status/"), Is.True);
        Assert.That(paths?.ContainsKey("/pypi/{pulp_domain}/{path}/simple/"), Is.True);
        Assert.That(paths?.Select(p => p.Key), Has.None.StartsWith("/pulp/api/v3/repositories/"));
    }

    [Test]
    public async Task Every_list_is_of_the_domain_alone()
    {
        foreach (var tenant in Tenants)
        {
            await DistributedAsync(tenant, PulpClient.Unique(), PulpClient.Unique());
        }

        var root = (await Api.GetAsync(Root("blue"))).Json?.AsObject().Select(p => (string?)p.Value ?? "") ?? [];
        await Assert.MultipleAsync(async () =>
        {
            // The audit log tells administrators what was done anywhere.
            var lists = root.Select(url => new Uri(url).AbsolutePath)
                .Where(p => !p.Contains("/docs/") && !p.Contains("/audit_log/"));
            foreach (var list in lists)
            {
                foreach (var query in new[] { "", "?limit=2&offset=1", "?fields=pulp_href" })
                {
                    var answer = await Api.GetAsync(list + query);
                    Assert.That(answer.Code, Is.EqualTo(200), $"{list}: {answer.Text}");
                    Assert.That(answer.Text, Does.Not.Contain("/pulp/red/").And.Not.Contains("\"/pulp/api/"), list);
                }
            }
        });
    }

    [Test]
    public async Task A_sync_brings_files_into_its_own_domain()
    {
        Upstream.With("a.iso", "the file").Listed();
        var remote = await Api.PostAsync(
            Root("blue") + "remotes/file/file/",
            new
            {
                name = PulpClient.Unique(),
                url = Upstream.Manifest,
                policy = "on_demand",
            }
        );
        var repository = await NewRepositoryAsync("blue", PulpClient.Unique());

        var task = await Api.CompletedAsync(await Api.PostAsync(repository + "sync/", new { remote = remote.Href }));

        Assert.That((string?)task["created_resources"]?[0], Is.EqualTo(repository + "versions/1/"));
        Assert.That((string?)task["result"]?["pulp_href"], Is.EqualTo(repository + "versions/1/"));
        var units = await Api.GetAsync($"{Root("blue")}content/file/files/?repository_version={repository}versions/1/");
        Assert.That(units.Results, Has.Count.EqualTo(1));
        Assert.That((string?)units.Results[0]["pulp_href"], Does.StartWith(Root("blue")));
    }
}
