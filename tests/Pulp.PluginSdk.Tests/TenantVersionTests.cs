using System.Security.Cryptography;
using Pulp.Core.Platform.Settings;

namespace Pulp.PluginSdk.Tests;

/// <summary>Versions that a plugin makes in its own protocol, of repositories of two tenants.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantVersionTests(Engine engine) : SkeletonFixture(engine)
{
    protected override void Configure(PulpSettings settings)
    {
        base.Configure(settings);
        settings.DomainEnabled = true;
    }

    [OneTimeSetUp]
    public Task MakeTenantsAsync() => Tenants.MakeAsync(Api);

    [Test]
    public async Task A_unit_of_another_tenant_is_not_added_by_its_id()
    {
        var repository = await Api.PostAsync(
            "/pulp/blue/api/v3/repositories/images/image/",
            new { name = PulpClient.Unique() }
        );
        var id = repository.Href.TrimEnd('/').Split('/')[^1];
        var (own, foreign) = (await PushBlobAsync("blue"), await PushBlobAsync("red"));

        var refused = await AddAsync(id, foreign);
        var untouched = await Api.GetAsync(repository.Href);
        var added = await AddAsync(id, own);

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(409), refused.Text);
            Assert.That((string?)untouched.Json?["latest_version_href"], Does.EndWith("/versions/0/"));
            Assert.That((long?)added.Json?["version"], Is.EqualTo(1), added.Text);
        });
    }

    private Task<Answer> AddAsync(string repository, string blob) =>
        Api.SendContentAsync(HttpMethod.Put, $"/images/blue/{repository}/blobs/{blob}", content: null);

    private async Task<string> PushBlobAsync(string tenant)
    {
        var bytes = RandomNumberGenerator.GetBytes(10);
        var pushed = await Api.SendContentAsync(
            HttpMethod.Post,
            $"/images/{tenant}/blobs",
            new ByteArrayContent(bytes)
        );
        Assert.That(pushed.Code, Is.EqualTo(200), pushed.Text);
        return (string?)pushed.Json?["id"] ?? "";
    }
}
