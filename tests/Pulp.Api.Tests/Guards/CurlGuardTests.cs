using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pulp.Api.Tests.Guards;

/// <summary>Each kind of guard as curl meets it, with the commands of the guide.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CurlGuardTests(Engine engine) : GuardFixture(engine)
{
    private const string Refused = "403 ";
    private static readonly DateTimeOffset Since = TimeProvider.System.GetUtcNow().AddDays(-1);
    private const string Opened = $"200 {Content}";

    /// <summary>Status and, where it is the file, its text.</summary>
    private async Task<string> CurlAsync(string url, params string[] options)
    {
        var start = new ProcessStartInfo("curl", ["-s", "-w", "%{http_code}", .. options, Server.Url + url])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var curl = Started(start);
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.That(curl.ExitCode, Is.Zero);
        var (text, code) = (output[..^3], output[^3..]);
        return code + " " + (code == "200" ? text : "");
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("curl can't be started.");
        }
        catch (Win32Exception)
        {
            Assert.Ignore("There is no curl here.");
            throw;
        }
    }

    private async Task<string> FileBehindAsync(string kind, object? fields = null) =>
        (await DistributedAsync(await NewGuardAsync(kind, fields))).Path + "file";

    [Test]
    public async Task Who_signs_in()
    {
        var file = await FileBehindAsync("core/rbac");
        var me = (await Api.GetAsync("login/")).Href;
        var token = await Api.PostAsync(me + "tokens/", new { name = "curl", scope = "read_only" });

        Assert.That(await CurlAsync(file), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-u", "admin:wrong"), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-u", $"admin:{TestServer.Password}"), Is.EqualTo(Opened));
        Assert.That(
            await CurlAsync(file, "--oauth2-bearer", $"{token.Json?["token"]}"),
            Is.EqualTo(Opened),
            token.Text
        );
        Assert.That(await CurlAsync(file, "-u", $"__token__:{token.Json?["token"]}"), Is.EqualTo(Opened));
    }

    [Test]
    public async Task Who_sends_a_header()
    {
        var file = await FileBehindAsync("core/header", new { header_name = "X-Token", header_value = "let me in" });

        Assert.That(await CurlAsync(file), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-H", "X-Token: let me in"), Is.EqualTo(Refused), "not in base64");
        Assert.That(await CurlAsync(file, "-H", $"X-Token: {Base64("let me out")}"), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-H", $"X-Token: {Base64("let me in")}"), Is.EqualTo(Opened));
    }

    [Test]
    public async Task Whom_one_of_several_lets_in()
    {
        var header = await NewGuardAsync("core/header", new { header_name = "X-Token", header_value = "let me in" });
        var file = await FileBehindAsync(
            "core/composite",
            new { guards = new[] { await NewGuardAsync("core/rbac"), header } }
        );

        Assert.That(await CurlAsync(file), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-H", $"X-Token: {Base64("let me in")}"), Is.EqualTo(Opened));
        Assert.That(await CurlAsync(file, "-u", $"admin:{TestServer.Password}"), Is.EqualTo(Opened));
    }

    [Test]
    public async Task Who_has_a_signed_link()
    {
        var guard = await NewGuardAsync("core/content_redirect");
        var file = (await DistributedAsync(guard)).Path + "file";
        var link = (string?)(await Api.PostAsync(guard + "sign/", new { url = file })).Json?["url"] ?? "";

        Assert.That(await CurlAsync(file), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(link), Is.EqualTo(Opened));
        Assert.That(await CurlAsync(link[..^1]), Is.EqualTo(Refused));
    }

    [Test]
    public async Task Who_has_a_certificate_that_the_proxy_shows()
    {
        using var authority = Authority("one");
        using var stranger = Authority("other");
        var file = await FileBehindAsync("certguard/x509", new { ca_certificate = authority.ExportCertificatePem() });
        string Shown(X509Certificate2 issuer) => $"X-CLIENT-CERT: {Uri.EscapeDataString(Issued(issuer))}";

        Assert.That(await CurlAsync(file), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-H", Shown(stranger)), Is.EqualTo(Refused));
        Assert.That(await CurlAsync(file, "-H", Shown(authority)), Is.EqualTo(Opened));
    }

    [Test]
    public async Task No_spelling_of_the_path_leads_around_it()
    {
        var (_, open) = await DistributedAsync(guard: null);
        var (_, guarded) = await DistributedAsync(await NewGuardAsync("core/rbac"));
        var name = guarded.Split('/')[^2];
        string[] spelled =
        [
            $"{open}../{name}/file",
            $"{open}..%2F{name}/file",
            $"{open}%2e%2e/{name}/file",
            $"/pulp/content//{name}/file",
            $"/pulp/content/./{name}/file",
            $"/pulp//content/{name}/file",
            $"/pulp/content/{name}//file",
            $"/pulp/content/{name}/./file",
            $"/pulp/content/{name}/%66ile",
            $"/pulp/content/{name}/file?x=1",
            $"/pulp/content/{name}/file/",
            $"/pulp/content/{name}",
        ];
        foreach (var path in spelled)
        {
            Assert.That(await CurlAsync(path, "--path-as-is"), Does.Not.Contain(Content).And.Not.StartsWith("5"), path);
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Since, Since.AddDays(2));
    }

    private static string Issued(X509Certificate2 authority)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(authority, Since, Since.AddDays(2), [1, 2, 3]);
        return certificate.ExportCertificatePem();
    }
}
