using System.Text.Json.Nodes;
using Pulp.PluginSdk.Testing;

namespace Pulp.Api.Tests.Users;

/// <summary>A directory that takes passwords over TLS alone, with a certificate of an authority that is trusted or not.</summary>
[NonParallelizable] // The system's library takes the authority from the environment of its process.
public sealed class LdapTlsTests
{
    private const string TrustedBy = "LDAPTLS_CACERT";
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("pulp-test-ldap-tls-");
    private DirectoryServer? _directory;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (!DirectoryServer.IsHere)
        {
            Assert.Ignore("There is no slapd with ldapmodify here.");
        }

        using var authority = TestCertificates.Root();
        using var certificate = TestCertificates.Issue("CN=Directory", authority, isAuthority: false);
        await File.WriteAllTextAsync(Authority("own"), authority.ExportCertificatePem());
        using var other = TestCertificates.Root("CN=Somebody else");
        await File.WriteAllTextAsync(Authority("other"), other.ExportCertificatePem());
        _directory = await DirectoryServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ada"] = "ada's own" },
            new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal),
            certificate
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_directory is not null)
        {
            await _directory.DisposeAsync();
        }

        _files.Delete(recursive: true);
    }

    private string Authority(string name) => Path.Combine(_files.FullName, name + ".pem");

    [TestCase("ldaps", "own", 200, 401)]
    [TestCase("ldap", "own", 200, 401)]
    [TestCase("ldaps", "other", 503, 503)]
    [TestCase("ldap", "other", 503, 503)]
    public async Task Passwords_go_to_it_by_TLS_and_to_nobody_else(string scheme, string trusted, int right, int wrong)
    {
        var directory = _directory ?? throw new InvalidOperationException("The directory isn't there.");
        var settings = new JsonObject
        {
            ["url"] = $"{scheme}://127.0.0.1:{(scheme == "ldaps" ? directory.TlsPort : directory.Port)}",
            ["start_tls"] = scheme == "ldap",
            ["bind_dn"] = DirectoryServer.AdminDn,
            ["bind_password"] = DirectoryServer.AdminPassword,
            ["user_base"] = DirectoryServer.Suffix,
        };
        var data = Path.Combine(_files.FullName, $"{scheme}-{trusted}");
        Environment.SetEnvironmentVariable(TrustedBy, Authority(trusted));
        try
        {
            await using var server = await ServerProcess.ServeAsync(data, "", "--ldap", settings.ToJsonString());
            async Task<int> SignInAsync(string password)
            {
                using var ada = new PulpClient(server.Url, "ada", password);
                return (await ada.GetAsync("login/")).Code;
            }

            Assert.That((await SignInAsync("ada's own"), await SignInAsync("wrong")), Is.EqualTo((right, wrong)));
            if (right == 503)
            {
                await server.LoggedAsync("The directory of users can't be asked");
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(TrustedBy, null);
        }
    }
}
