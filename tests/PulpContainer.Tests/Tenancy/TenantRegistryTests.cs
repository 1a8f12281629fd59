using Pulp.Core.Platform.Settings;
using PulpContainer.Tests.Clients;

namespace PulpContainer.Tests.Tenancy;

/// <summary>Two tenants with an image of the same name.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantRegistryTests(Engine engine) : RegistryFixture(engine)
{
    private static IReadOnlyList<string> Tenants => Pulp.Testing.Tenants.Names;

    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    [OneTimeSetUp]
    public Task MakeTenantsAsync() => Pulp.Testing.Tenants.MakeAsync(Api);

    [Test]
    public async Task An_image_is_pushed_to_the_tenant_that_its_name_begins_with()
    {
        var name = NewName();
        var images = new Dictionary<string, TestImage>(StringComparer.Ordinal);
        foreach (var tenant in Tenants.Append("default"))
        {
            images[tenant] = TestImage.New();
            await PushAsync($"{tenant}/{name}", "1.0", images[tenant]);
        }

        foreach (var (tenant, image) in images)
        {
            var pulled = await GetAsync($"{tenant}/{name}/manifests/1.0", AsNobody);
            Assert.That(pulled.Header("Docker-Content-Digest"), Is.EqualTo(image.Digest), pulled.Text);
            var found = (
                await Api.GetAsync($"/pulp/{tenant}/api/v3/distributions/container/container/?base_path={name}")
            ).Results;
            Assert.That(found, Has.Count.EqualTo(1));
            Assert.That((string?)found[0]["registry_path"], Is.EqualTo($"{tenant}/{name}"));
            var tags = await GetAsync($"{tenant}/{name}/tags/list", AsNobody);
            Assert.That((string?)tags.Json["name"], Is.EqualTo($"{tenant}/{name}"));
        }

        // From before domains were separated.
        var plain = await GetAsync($"{name}/manifests/1.0", AsNobody);
        Assert.That(plain.Header("Docker-Content-Digest"), Is.EqualTo(images["default"].Digest));
        var catalog = await GetAsync("_catalog?n=1000");
        Assert.That(
            catalog.Json["repositories"]?.AsArray().Select(n => (string?)n),
            Is.SupersetOf(images.Keys.Select(tenant => $"{tenant}/{name}"))
        );
    }

    [Test]
    public async Task Rights_on_a_namespace_are_none_on_that_of_another_tenant()
    {
        const string Password = "Long-enough-1234";
        var (user, space) = (PulpClient.Unique().ToLowerInvariant(), PulpClient.Unique().ToLowerInvariant());
        await Api.PostAsync("users/", new { username = user, password = Password });
        foreach (var tenant in Tenants)
        {
            await PushAsync($"{tenant}/{space}/first", "1.0", TestImage.New());
        }

        using var own = new PulpClient(Server.Url, user, Password);
        var statuses = new List<int>();
        foreach (var tenant in Tenants)
        {
            var found = await Api.GetAsync($"/pulp/{tenant}/api/v3/pulp_container/namespaces/?name={space}");
            var href = (string?)found.Results[0]["pulp_href"] ?? "";
            var owner = new { role = "container.containernamespace_owner", users = new[] { user } };
            Assert.That((await Api.PostAsync(href + "add_role/", owner)).Code, Is.EqualTo(201));
            foreach (var other in Tenants)
            {
                using var body = new ByteArrayContent([]);
                using var pushed = await own.Http.PostAsync(
                    $"/v2/{other}/{space}/{PulpClient.Unique()}/blobs/uploads/",
                    body
                );
                statuses.Add((int)pushed.StatusCode);
            }

            await Api.PostAsync(href + "remove_role/", owner);
        }

        Assert.That(statuses, Is.EqualTo([202, 403, 403, 202]));
    }

    [Test]
    public async Task A_blob_of_another_tenant_is_not_mounted()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync($"red/{name}", "1.0", image);
        await PushAsync($"blue/{name}", "1.0", TestImage.New());
        var digest = TestImage.DigestOf(image.Layers[0]);

        var named = await SendAsync("POST", $"blue/{name}/blobs/uploads/?mount={digest}&from=red/{name}");
        var anywhere = await SendAsync("POST", $"blue/{name}/blobs/uploads/?mount={digest}");
        var own = await SendAsync("POST", $"red/{NewName()}/blobs/uploads/?mount={digest}&from=red/{name}");

        Assert.That(named.Status, Is.EqualTo(202), named.Text);
        Assert.That(anywhere.Status, Is.EqualTo(202), anywhere.Text);
        Assert.That(own.Status, Is.EqualTo(201), own.Text);
    }

    [Test]
    public async Task Skopeo_copies_between_tenants_with_tokens_of_each()
    {
        using var tools = new ContainerTools();
        var (host, name) = (new Uri(Server.Url).Authority, NewName());
        await PushAsync($"blue/{name}", "1.0", TestImage.New());

        var copied = await tools.RunAsync(
            "skopeo",
            "--insecure-policy",
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--dest-creds",
            $"admin:{TestServer.Password}",
            $"docker://{host}/blue/{name}:1.0",
            $"docker://{host}/red/{name}:1.0"
        );

        Assert.That(copied.Code, Is.Zero, copied.Output);
        var red = await GetAsync($"red/{name}/manifests/1.0", AsNobody);
        Assert.That(red.Status, Is.EqualTo(200), red.Text);
        var units = (await Api.GetAsync("/pulp/red/api/v3/content/container/manifests/")).Results;
        Assert.That(units.Select(u => (string?)u["pulp_href"]), Has.All.StartsWith("/pulp/red/"));
    }
}
