using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pulp.Api.Tests.Serving;

/// <summary>https with a certificate of the operator's, or with one that the server makes.</summary>
public sealed class TlsTests
{
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-tls-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    private string InData(string name) => Path.Combine(_data, name);

    [Test]
    public async Task A_self_signed_certificate_is_made_once_and_kept_private()
    {
        string[] settings = ["--listen", "https://127.0.0.1:0", "--tls-self-signed", "true"];
        var trusted = InData("tls/certificate.pem");
        string first;
        await using (var server = await ServerProcess.ServeAsync(_data, "", settings))
        {
            first = await File.ReadAllTextAsync(trusted);
            var status = await CurlAsync(server, trusted, "/pulp/api/v3/status/", "-w", "%{http_version}");
            Assert.That(status.Output, Does.Contain("\"online_workers\"").And.EndWith("}2"), "HTTP/2");
        }

        await using var again = await ServerProcess.ServeAsync(_data, "", settings);
        var untrusted = await RunAsync("curl", "-s", again.Url + "/pulp/api/v3/livez/");

        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(trusted), Is.EqualTo(first).And.Not.Contain("KEY"));
            Assert.That(
                File.GetUnixFileMode(InData("tls/self-signed.pem")),
                Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
            );
            Assert.That(untrusted.Code, Is.EqualTo(60), "curl trusts nothing by itself");
        });
    }

    [TestCase("--http1.1")]
    [TestCase("--http2")]
    public async Task Files_of_every_size_are_right_over_tls(string protocol)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var large = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $"{i:D9}"));
        upstream.With("large", large).With("small", "small").Listed();
        string[] settings = ["--listen", "https://127.0.0.1:0", "--tls-self-signed", "true"];
        await using var server = await ServerProcess.ServeAsync(_data, "", settings);
        using var client = TrustingClient(server.Url, InData("tls/certificate.pem"));
        var repository = await client.NewRepositoryAsync(new { autopublish = true });
        await client.SyncAsync(repository, await client.NewRemoteAsync(upstream.Manifest));
        var (_, path) = await client.NewDistributionAsync(new { repository });
        var trusted = InData("tls/certificate.pem");

        var whole = await CurlAsync(server, trusted, path + "large", protocol, "-o", InData("whole"));
        var part = await CurlAsync(
            server,
            trusted,
            path + "large",
            protocol,
            "-r",
            "4500000-8999998",
            "-o",
            InData("part")
        );
        var small = await CurlAsync(server, trusted, path + "small", protocol);

        Assert.Multiple(() =>
        {
            Assert.That((whole.Code, part.Code), Is.EqualTo((0, 0)));
            Assert.That(File.ReadAllText(InData("whole")) == large, "the whole file");
            Assert.That(File.ReadAllText(InData("part")) == large[4_500_000..8_999_999], "a range of it");
            Assert.That(small.Output, Is.EqualTo("small"));
        });
    }

    [Test]
    public async Task A_changed_certificate_counts_for_new_connections_and_drops_none()
    {
        using var root = TestCertificates.Root();
        using var intermediate = TestCertificates.Issue("CN=Between", root, isAuthority: true);
        await File.WriteAllTextAsync(InData("root.pem"), root.ExportCertificatePem());
        Write(intermediate, "CN=first");
        string[] settings =
        [
            "--listen",
            "https://127.0.0.1:0",
            "--tls-certificate",
            InData("server.pem"),
            "--tls-key",
            InData("server.key"),
        ];
        await using var server = await ServerProcess.ServeAsync(_data, "", settings);
        var curl = await CurlAsync(server, InData("root.pem"), "/pulp/api/v3/livez/", "-w", "%{http_code}");
        Assert.That(curl, Is.EqualTo((0, "200")), "the chain leads to the root");
        await using var open = await Connection.OpenAsync(server.Url, InData("root.pem"));
        Assert.That(open.Subject, Is.EqualTo("CN=first"));

        // The key doesn't fit any more: the certificate from before stays.
        await File.WriteAllTextAsync(InData("server.key"), "not a key");
        await using (var other = await Connection.OpenAsync(server.Url, InData("root.pem")))
        {
            Assert.That(other.Subject, Is.EqualTo("CN=first"));
        }

        Write(intermediate, "CN=second");

        Assert.That(await NewSubjectAsync(server.Url, "CN=second"), Is.EqualTo("CN=second"));
        Assert.That(await open.StatusLineAsync("/pulp/api/v3/livez/"), Is.EqualTo("HTTP/1.1 200 OK"));
    }

    /// <summary>The server looks at its files at most once in a second.</summary>
    private async Task<string> NewSubjectAsync(string url, string wanted)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            await using var connection = await Connection.OpenAsync(url, InData("root.pem"));
            if (connection.Subject == wanted || watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                return connection.Subject;
            }
        }
    }

    private void Write(X509Certificate2 issuer, string subject)
    {
        using var certificate = TestCertificates.Issue(subject, issuer, isAuthority: false);
        using var key = certificate.GetECDsaPrivateKey();
        File.WriteAllText(InData("server.key"), key?.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(
            InData("server.pem"),
            certificate.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem() + "\n"
        );
    }

    private static PulpClient TrustingClient(string url, string trusted)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.CertificateChainPolicy = Trusting(trusted);
        return new PulpClient(url, "admin", TestServer.Password, handler);
    }

    private static X509ChainPolicy Trusting(string path)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(path));
        return policy;
    }

    private static Task<(int Code, string Output)> CurlAsync(
        ServerProcess server,
        string trusted,
        string path,
        params string[] more
    ) => RunAsync("curl", ["-s", "--cacert", trusted, .. more, server.Url + path]);

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process =
            Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false }
            ) ?? throw new InvalidOperationException($"{program} can't be started.");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    /// <summary>One TLS connection, to see what it gets and that it stays.</summary>
    private sealed class Connection(System.Net.Sockets.TcpClient tcp, SslStream tls) : IAsyncDisposable
    {
        public string Subject => tls.RemoteCertificate?.Subject ?? "";

        public static async Task<Connection> OpenAsync(string url, string trusted)
        {
            var uri = new Uri(url);
            var tcp = new System.Net.Sockets.TcpClient();
            await tcp.ConnectAsync(uri.Host, uri.Port);
            var tls = new SslStream(tcp.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = uri.Host, CertificateChainPolicy = Trusting(trusted) }
            );
            return new Connection(tcp, tls);
        }

        public async Task<string?> StatusLineAsync(string path)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
            using var reader = new StreamReader(tls, leaveOpen: true);
            return await reader.ReadLineAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await tls.DisposeAsync();
            tcp.Dispose();
        }
    }
}
