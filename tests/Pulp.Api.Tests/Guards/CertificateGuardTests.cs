using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace Pulp.Api.Tests.Guards;

/// <summary>Guards that ask for certificates, which openssl makes and proxies pass on.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CertificateGuardTests(Engine engine) : GuardFixture(engine)
{
    private const string NotReceived = "403: A client certificate was not received via the `X-CLIENT-CERT` header.";
    private const string NotSigned = "403: Client certificate is not signed by the stored 'ca_certificate'.";
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("pulp-test-certificates-");

    [OneTimeTearDown]
    public void RemoveFiles() => _files.Delete(recursive: true);

    private string File(string name) => Path.Combine(_files.FullName, name);

    /// <summary>Runs openssl, which is where certificates come from in practice.</summary>
    private void OpenSsl(params string[] arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("It didn't start.");
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("There is no openssl here.");
        }
    }

    private string Authority(string name)
    {
        OpenSsl([
            .. "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout".Split(' '),
            File(name + ".key"),
            "-out",
            File(name + ".pem"),
            "-subj",
            "/CN=" + name,
        ]);
        return System.IO.File.ReadAllText(File(name + ".pem"));
    }

    private string Client(string name, string authority, int days = 30)
    {
        OpenSsl([
            .. "req -newkey rsa:2048 -nodes -keyout".Split(' '),
            File(name + ".key"),
            "-out",
            File(name + ".csr"),
            "-subj",
            "/CN=" + name,
        ]);
        OpenSsl([
            .. "x509 -req -CAcreateserial -days".Split(' '),
            $"{days}",
            "-in",
            File(name + ".csr"),
            "-CA",
            File(authority + ".pem"),
            "-CAkey",
            File(authority + ".key"),
            "-out",
            File(name + ".pem"),
        ]);
        return System.IO.File.ReadAllText(File(name + ".pem"));
    }

    private static (string, string) Shown(string pem) => ("X-CLIENT-CERT", Uri.EscapeDataString(pem));

    [Test]
    public async Task A_certificate_of_the_authority_opens_it_however_a_proxy_writes_it()
    {
        var (mine, other) = (Authority("mine"), Authority("other"));
        var (client, stranger) = (Client("client", "mine"), Client("stranger", "other"));
        var guard = await NewGuardAsync("certguard/x509", new { ca_certificate = $"Mine:\n{mine}\nand no more" });
        var (_, path) = await DistributedAsync(guard);

        var good = await AskAsync(path + "file", Shown(client));
        var again = await AskAsync(path + "file", Shown(client));
        var line = await AskAsync(path + "file", ("X-CLIENT-CERT", client.Trim().Replace('\n', ' ')));
        var none = await AskAsync(path + "file");
        var wrong = await AskAsync(path + "file", Shown(stranger));
        var itself = await AskAsync(path + "file", Shown(other));
        var nonsense = await AskAsync(path + "file", ("X-CLIENT-CERT", "nonsense"));
        var both = await Api.PatchAsync(guard, new { ca_certificate = mine + other });
        var second = await AskAsync(path + "file", Shown(stranger));
        await Api.PatchAsync(guard, new { ca_certificate = other });
        var revoked = await AskAsync(path + "file", Shown(client));

        Assert.Multiple(() =>
        {
            Assert.That(new[] { good, again, line, second }.Select(a => a.Text), Has.All.EqualTo(Content));
            Assert.That(none.Text, Is.EqualTo(NotReceived));
            Assert.That(new[] { wrong, itself, revoked }.Select(a => a.Text), Has.All.EqualTo(NotSigned));
            Assert.That(nonsense.Text, Is.EqualTo("403: The client certificate can't be read."));
            Assert.That(both.Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task An_expired_one_is_told_so()
    {
        using var root = TestCertificates.Root();
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new CertificateRequest("CN=late", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var then = DateTimeOffset.UnixEpoch.AddYears(1);
        using var late = request.Create(root, then, then.AddDays(1), [1]);
        var guard = await NewGuardAsync("certguard/x509", new { ca_certificate = root.ExportCertificatePem() });
        var (_, path) = await DistributedAsync(guard);

        var answer = await AskAsync(path + "file", Shown(late.ExportCertificatePem()));

        Assert.That(answer.Text, Is.EqualTo("403: Client certificate is expired."));
    }

    [Test]
    public async Task Only_a_trusted_proxy_is_believed_to_have_seen_it()
    {
        await using var distrusting = await TestServer.StartAsync(Engine, s => s.TrustedProxies = ["192.0.2.1"]);
        using var root = TestCertificates.Root();
        using var client = TestCertificates.Issue("CN=client", root, isAuthority: false);
        var shown = Shown(client.ExportCertificatePem());
        var body = new { name = "x", ca_certificate = root.ExportCertificatePem() };
        var (_, path) = await DistributedAsync((await Api.PostAsync("contentguards/certguard/x509/", body)).Href);
        var guard = (await distrusting.Api.PostAsync("contentguards/certguard/x509/", body)).Href;
        var (_, elsewhere) = await distrusting.Api.NewDistributionAsync(new { content_guard = guard });

        var forwarded = await AskAsync(path + "file", shown, ("X-Forwarded-For", "203.0.113.9"));
        var forged = await distrusting.Api.SendContentAsync(
            HttpMethod.Get,
            elsewhere,
            null,
            request => request.Headers.Add(shown.Item1, shown.Item2)
        );

        Assert.That((forwarded.Code, forged.Text), Is.EqualTo((200, NotReceived)));
    }

    [TestCase("certguard/x509", "")]
    [TestCase("certguard/x509", "not a certificate")]
    [TestCase("certguard/rhsm", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public async Task What_is_no_certificate_is_refused_when_it_is_written(string kind, string given)
    {
        var answer = await Api.PostAsync(
            $"contentguards/{kind}/",
            new { name = PulpClient.Unique(), ca_certificate = given }
        );

        Assert.That((answer.Code, answer.Json?["ca_certificate"] is not null), Is.EqualTo((400, true)));
    }
}
