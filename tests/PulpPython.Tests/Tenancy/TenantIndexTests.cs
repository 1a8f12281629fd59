using Pulp.Core.Platform.Settings;

namespace PulpPython.Tests.Tenancy;

/// <summary>Two tenants with an index of the same name, as pip and uploaders see them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantIndexTests(Engine engine) : PythonFixture(engine)
{
    private static IReadOnlyList<string> Tenants => Pulp.Testing.Tenants.Names;
    private readonly Clients _clients = new();

    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    [OneTimeSetUp]
    public Task MakeTenantsAsync() => Pulp.Testing.Tenants.MakeAsync(Api);

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    /// <summary>An index that takes uploads, at a path that each tenant has.</summary>
    private async Task<string> NewIndexAsync(string tenant, string path, string? remote = null)
    {
        var made = await Api.PostAsync($"/pulp/{tenant}/api/v3/repositories/python/python/", new { name = path });
        var distribution = await Api.CreatedAsync(
            await Api.PostAsync(
                $"/pulp/{tenant}/api/v3/distributions/python/pypi/",
                new
                {
                    name = path,
                    base_path = path,
                    repository = made.Href,
                    remote,
                }
            )
        );
        return (string?)(await Api.GetAsync(distribution)).Json?["base_url"] ?? "";
    }

    [Test]
    public async Task Pip_installs_what_the_tenant_has()
    {
        var path = PulpClient.Unique();
        foreach (var (tenant, version) in Tenants.Zip(["1.0", "2.0"]))
        {
            var url = await NewIndexAsync(tenant, path);
            var uploaded = await UploadAsync($"{tenant}/{path}", TestPackage.Wheel("tea-pot", version));
            Assert.That(uploaded.Code, Is.EqualTo(202), uploaded.Text);
            Assert.That(uploaded.Task, Does.StartWith($"/pulp/{tenant}/api/v3/tasks/"));
            await Api.CompletedAsync(uploaded);
            Assert.That(new Uri(url).AbsolutePath, Is.EqualTo($"/pypi/{tenant}/{path}/"));
        }

        foreach (var (tenant, version) in Tenants.Zip(["1.0", "2.0"]))
        {
            var page = await PageAsync($"{tenant}/{path}/simple/tea-pot/");
            var (run, installed) = await _clients.InstallAsync($"{Server.Url}/pypi/{tenant}/{path}/simple/", "tea-pot");

            Assert.That(page.Text, Does.Contain($"/pulp/content/{tenant}/{path}/tea_pot-{version}"));
            Assert.That(run.Code, Is.Zero, run.Output);
            Assert.That(installed, Is.EqualTo(new[] { $"tea_pot-{version}" }));
        }
    }

    [Test]
    public async Task The_same_package_is_each_tenants_own()
    {
        var (path, package) = (PulpClient.Unique(), TestPackage.Wheel("cup", "1.0"));
        foreach (var tenant in Tenants.Append("default"))
        {
            await NewIndexAsync(tenant, path);
            await Api.CompletedAsync(await UploadAsync($"{tenant}/{path}", package));
        }

        foreach (var tenant in Tenants.Append("default"))
        {
            var units = (await Api.GetAsync($"/pulp/{tenant}/api/v3/content/python/packages/?name=cup")).Results;
            Assert.That(units, Has.Count.EqualTo(1));
            Assert.That((string?)units[0]["artifact"], Does.StartWith($"/pulp/{tenant}/api/v3/artifacts/"));
            Assert.That((await PageAsync($"{tenant}/{path}/simple/cup/")).Text, Does.Contain(package.Sha256));
        }

        // From before domains were separated.
        Assert.That((await PageAsync($"{path}/simple/cup/")).Text, Does.Contain(package.Sha256));
    }

    [Test]
    public async Task A_tenants_cache_asks_its_own_remote()
    {
        var (path, name) = (PulpClient.Unique(), PulpClient.Unique());
        var wheels = new[] { TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0") };
        new FakeIndex(Upstream).With(wheels);
        foreach (var (tenant, excluded) in Tenants.Zip(["1", "2"]))
        {
            var remote = await Api.PostAsync(
                $"/pulp/{tenant}/api/v3/remotes/python/python/",
                new
                {
                    name = path,
                    url = Upstream.Url + "/",
                    excludes = new[] { $"{name}=={excluded}" },
                }
            );
            await NewIndexAsync(tenant, path, remote.Href);
        }

        foreach (var (tenant, wheel) in Tenants.Zip(wheels.Reverse()))
        {
            var url = $"{Server.Url}/pypi/{tenant}/{path}/simple/";
            var (run, installed) = await _clients.InstallAsync(url, name);
            var units = await Api.GetAsync($"/pulp/{tenant}/api/v3/content/python/packages/?name={name}");

            Assert.That(run.Code, Is.Zero, run.Output);
            Assert.That(installed, Is.EqualTo(new[] { $"{name}-{wheel.Version}" }));
            Assert.That(units.Results.Select(u => (string?)u["filename"]), Is.EqualTo(new[] { wheel.Filename }));
        }
    }
}
