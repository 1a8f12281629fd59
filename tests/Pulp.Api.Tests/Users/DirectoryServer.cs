using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Pulp.Api.Tests.Users;

/// <summary>A real directory (slapd), with a few people in it.</summary>
internal sealed class DirectoryServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/slapd";
    private const string Modify = "/usr/bin/ldapmodify";
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("pulp-test-slapd-");
    private Process? _process;

    public const string Suffix = "dc=example,dc=org";
    public const string AdminDn = "cn=admin," + Suffix;
    public const string AdminPassword = "directory secret";

    public int Port { get; private set; }

    /// <summary>Where it speaks TLS from the start, if it has a certificate.</summary>
    public int TlsPort { get; private set; }

    /// <summary>Whether it is installed, and what changes it (Debian: slapd, ldap-utils).</summary>
    public static bool IsHere => File.Exists(Program) && File.Exists(Modify);

    public static async Task<DirectoryServer> StartAsync(
        IReadOnlyDictionary<string, string> people,
        IReadOnlyDictionary<string, IReadOnlyList<string>> groups,
        X509Certificate2? certificate = null
    )
    {
        var server = new DirectoryServer();
        var data = server._files.CreateSubdirectory("data").FullName;
        var configuration = Path.Combine(server._files.FullName, "slapd.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {server._files.FullName}/slapd.pid
            {server.Tls(certificate)}
            database mdb
            suffix "{Suffix}"
            directory {data}
            rootdn "{AdminDn}"
            rootpw "{AdminPassword}"
            access to attrs=userPassword by anonymous auth by * none
            access to * by users read by anonymous auth
            """
        );
        var entries = Path.Combine(server._files.FullName, "entries.ldif");
        await File.WriteAllTextAsync(entries, Entries(people, groups));
        await RunAsync("/usr/sbin/slapadd", "-f", configuration, "-l", entries);
        await server.ServeAsync(configuration, certificate is not null);
        return server;
    }

    /// <summary>With a certificate, nobody binds unknown or over an open line.</summary>
    private string Tls(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return "";
        }

        var (file, key) = (Path.Combine(_files.FullName, "tls.pem"), Path.Combine(_files.FullName, "tls.key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return $"TLSCertificateFile {file}\nTLSCertificateKeyFile {key}\ndisallow bind_anon\nsecurity simple_bind=128";
    }

    private static string Entries(
        IReadOnlyDictionary<string, string> people,
        IReadOnlyDictionary<string, IReadOnlyList<string>> groups
    )
    {
        var text = new StringBuilder(
            $"dn: {Suffix}\nobjectClass: organization\nobjectClass: dcObject\no: example\ndc: example\n\n"
        );
        foreach (var (name, password) in people)
        {
            text.Append(
                $"dn: cn={name},{Suffix}\nobjectClass: inetOrgPerson\ncn: {name}\nsn: {name}\nuid: {name}\nuserPassword: {password}\n\n"
            );
        }

        foreach (var (name, members) in groups)
        {
            text.Append($"dn: cn={name},{Suffix}\nobjectClass: groupOfNames\ncn: {name}\n");
            text.AppendJoin("", members.Select(member => $"member: cn={member},{Suffix}\n")).Append('\n');
        }

        return text.ToString();
    }

    private async Task ServeAsync(string configuration, bool withTls)
    {
        (Port, TlsPort) = (TestPort.Free(), withTls ? TestPort.Free() : 0);
        var addresses = $"ldap://127.0.0.1:{Port}" + (withTls ? $" ldaps://127.0.0.1:{TlsPort}" : "");
        _process = Process.Start(
            new ProcessStartInfo(Program, ["-f", configuration, "-h", addresses, "-d", "0"]) { UseShellExecute = false }
        );
        var watch = Stopwatch.StartNew();
        while (!await IsListeningAsync())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException("slapd doesn't listen.");
            }

            await Task.Delay(20);
        }
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Changes entries, as the directory's own people do (LDIF).</summary>
    public async Task ChangeAsync(string changes)
    {
        var file = Path.Combine(_files.FullName, "changes.ldif");
        await File.WriteAllTextAsync(file, changes);
        var url = $"ldap://127.0.0.1:{Port}";
        await RunAsync(Modify, "-x", "-H", url, "-D", AdminDn, "-w", AdminPassword, "-f", file);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} can't be started.");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    /// <summary>Takes it away, as an outage does.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _files.Delete(recursive: true);
    }
}
