using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Pulp.Api.Tests.Sync;

/// <summary>Upstreams that are known by an authority of the remote's, and that want to know who asks.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ClientCertificateTests(Engine engine) : ApiFixture(engine)
{
    private readonly X509Certificate2 _authority = TestCertificates.Root();
    private FakeUpstream? _guarded;

    private FakeUpstream Guarded => _guarded ?? throw new InvalidOperationException("Not started.");

    [OneTimeSetUp]
    public async Task StartGuardedAsync()
    {
        _guarded = await FakeUpstream.StartAsync(
            new HttpsConnectionAdapterOptions
            {
                ServerCertificate = TestCertificates.Issue("CN=Upstream", _authority, isAuthority: false),
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == _authority.Subject,
            }
        );
        Guarded.With("a.txt", "for friends").Listed();
    }

    [OneTimeTearDown]
    public async Task StopGuardedAsync()
    {
        await Guarded.DisposeAsync();
        _authority.Dispose();
    }

    private static (string Certificate, string Key) Identity(X509Certificate2 authority)
    {
        using var certificate = TestCertificates.Issue("CN=Mirror", authority, isAuthority: false);
        return (certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? "");
    }

    private async Task<JsonNode> SyncAsync(string policy, string certificate, string? key, string? authority = null)
    {
        var remote = await Api.NewRemoteAsync(
            Guarded.Manifest,
            policy,
            new
            {
                ca_cert = authority ?? _authority.ExportCertificatePem(),
                client_cert = certificate,
                client_key = key,
                max_retries = 0,
            }
        );
        return await Api.SyncAsync(await Api.NewRepositoryAsync(new { remote, autopublish = true }), remote);
    }

    [Test]
    public async Task A_remote_shows_its_certificate_when_it_syncs()
    {
        var (certificate, key) = Identity(_authority);

        var apart = await SyncAsync("immediate", certificate, key);
        var together = await SyncAsync("immediate", certificate + "\n" + key, key: null);

        Assert.Multiple(() =>
        {
            Assert.That((string?)apart["state"], Is.EqualTo("completed"), apart.ToJsonString());
            Assert.That((string?)together["state"], Is.EqualTo("completed"), "a key in the same text");
        });
    }

    [Test]
    public async Task A_remote_shows_its_certificate_when_a_client_wants_a_file()
    {
        var (certificate, key) = Identity(_authority);
        var task = await SyncAsync("on_demand", certificate, key);
        var version = (string?)task["created_resources"]?.AsArray()[0] ?? "";
        var repository = version[..version.IndexOf("versions/", StringComparison.Ordinal)];
        var (_, path) = await Api.NewDistributionAsync(new { repository });

        Assert.That(await Api.Http.GetStringAsync(path + "a.txt"), Is.EqualTo("for friends"));
    }

    [Test]
    public async Task Who_is_not_known_gets_nothing_and_is_told_what_failed_without_the_key()
    {
        using var other = TestCertificates.Root("CN=Somebody else");
        var (certificate, key) = Identity(other);
        var (known, knownKey) = Identity(_authority);

        var stranger = await SyncAsync("immediate", certificate, key);
        var upstream = await SyncAsync("immediate", known, knownKey, other.ExportCertificatePem());

        Assert.Multiple(() =>
        {
            foreach (var task in new[] { stranger, upstream })
            {
                Assert.That((string?)task["state"], Is.EqualTo("failed"));
                Assert.That((string?)task["error"]?["description"], Does.Contain(Guarded.Url).And.Not.Contain("KEY"));
            }
        });
    }
}
