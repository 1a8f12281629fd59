using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;

namespace Pulp.Api.Tests.Processes;

/// <summary>What is wrong with a setting or the surroundings is told in one line that names the setting.</summary>
public sealed class StartFaultTests
{
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-fault-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    private string InData(string name) => Path.Combine(_data, name);

    [TestCase("--data-dir", "/proc/none", "DATA_DIR: the directory /proc/none can't be made")]
    [TestCase("--key-dir", "/dev/null", "KEY_DIR: ")]
    [TestCase("--media-root", "/proc/none", "MEDIA_ROOT: ")]
    [TestCase("--media-root", "/sys", "MEDIA_ROOT: ")]
    [TestCase("--database", "/proc/none/pulp.db", "DATABASE: /proc/none/pulp.db: ")]
    [TestCase("--database", "/etc/passwd", "DATABASE: /etc/passwd: SQLite Error 26: 'file is not a database'.")]
    [TestCase("--database", "postgres://host:port/name", "DATABASE: can't be read: ")]
    [TestCase("--listen", "http://192.0.2.1:24817", "LISTEN: http://192.0.2.1:24817: ")]
    [TestCase("--listen", "http://127.0.0.1:70000", "LISTEN: 'http://127.0.0.1:70000' is not an address")]
    [TestCase("--listen", "http://127.0.0.1:0/path", "LISTEN: 'http://127.0.0.1:0/path' is not an address")]
    [TestCase("--listen", "http://locahost:0", "LISTEN: 'http://locahost:0' is not an address")]
    [TestCase("--listen", "", "LISTEN: at least one address is needed.")]
    [TestCase("--listen", "https://127.0.0.1:0", "LISTEN: 'https://127.0.0.1:0' needs a certificate: TLS_CERTIFICATE")]
    [TestCase("--tls-self-signed", "true", "TLS_SELF_SIGNED: no address in LISTEN begins with https://.")]
    [TestCase("--tls-key", "/none", "TLS_KEY: it needs a TLS_CERTIFICATE.")]
    [TestCase("--log-format", "xml", "LOG_FORMAT: 'xml' is not one of text, json.")]
    [TestCase("--request-log", "some", "REQUEST_LOG: 'some' is not one of none, api, all.")]
    [TestCase(
        "--trusted-proxies",
        "proxy",
        "TRUSTED_PROXIES: 'proxy' is not an address or a network such as 10.0.0.0/8."
    )]
    [TestCase("--plugin-dir", "/proc/none", "PLUGIN_DIR: there is no directory /proc/none.")]
    [TestCase("--settings", "/proc/none", "The settings file /proc/none can't be read: ")]
    public async Task A_setting_that_does_not_fit_its_surroundings_is_named(string option, string value, string message)
    {
        string[] data = option == "--data-dir" ? [] : ["--data-dir", _data];

        await RefusedAsync(message, ["serve", .. data, option, value]);
    }

    [Test]
    public async Task A_port_in_use_is_one_line_and_nothing_stays_registered()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://{taken.LocalEndpoint}";
        await ServerProcess.RunAsync("migrate", "--data-dir", _data);

        await RefusedAsync($"{url}: address already in use.", ["serve", "--data-dir", _data, "--listen", url]);

        await using var server = await ServerProcess.ServeAsync(_data, "");
        var status = (await server.Api.GetAsync("status/")).Json;
        Assert.That(status?["online_workers"]?.AsArray(), Has.Count.EqualTo(2), "of this process alone");
    }

    [Test]
    public async Task A_certificate_that_can_not_be_used_is_named()
    {
        await File.WriteAllTextAsync(
            InData("bad.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        );
        string[] serve = ["serve", "--data-dir", _data, "--listen", "https://127.0.0.1:0", "--tls-certificate"];

        await RefusedAsync("TLS_CERTIFICATE, TLS_KEY: /proc/none", [.. serve, "/proc/none"]);
        await RefusedAsync($"TLS_CERTIFICATE, TLS_KEY: {InData("bad.pem")}", [.. serve, InData("bad.pem")]);
    }

    [Test]
    public async Task A_key_file_that_holds_no_key_is_named()
    {
        Directory.CreateDirectory(InData("keys"));
        await File.WriteAllTextAsync(Path.Combine(_data, "keys", "database_fields.symmetric.key"), "c2hvcnQ=\n");

        await RefusedAsync("KEY_DIR: ", ["serve", "--data-dir", _data]);
    }

    [TestCaseSource(typeof(Engines), nameof(Engines.All))]
    public async Task A_database_of_a_newer_release_is_refused(Engine engine)
    {
        string database;
        await using (var server = await TestServer.StartAsync(engine, s => s.DataDir = _data))
        {
            database = server.Settings.Database;
            await server
                .Services.GetRequiredService<Database>()
                .ExecuteAsync(
                    $"""
                    insert into core_migration (component, id, name, version, applied_at)
                    values ('core', 9999, 'of_tomorrow', '3.999.0', {DateTimeOffset.UnixEpoch})
                    """,
                    CancellationToken.None
                );
        }

        foreach (var command in new[] { "serve", "migrate", "check" })
        {
            await RefusedAsync(
                "DATABASE: core 3.999.0 has brought it to migration 9999 of_tomorrow, which core 3.",
                [command, "--data-dir", _data, "--database", database]
            );
        }
    }

    [Test]
    public async Task A_PostgreSQL_that_refuses_is_told_and_not_waited_for()
    {
        var url = new Uri(await PostgresCluster.CreateDatabaseAsync());

        foreach (var command in new[] { "serve", "migrate", "check" })
        {
            await RefusedAsync(
                "DATABASE: 28000: role \"nobody\" does not exist.",
                [command, "--data-dir", _data, "--database", $"postgres://nobody@{url.Authority}{url.AbsolutePath}"]
            );
            await RefusedAsync(
                "DATABASE: 3D000: database \"none\" does not exist.",
                [command, "--data-dir", _data, "--database", $"postgres://pulp@{url.Authority}/none"]
            );
        }
    }

    [Test]
    public async Task A_PostgreSQL_that_can_not_be_reached_is_waited_for_with_a_line_for_each_try()
    {
        string[] settings = ["--data-dir", _data, "--database", "postgres://pulp@127.0.0.1:1/none"];

        var waiting = await ServerProcess.LineAsync("DATABASE", ["serve", .. settings]);

        Assert.That(waiting, Does.Contain("DATABASE: can't be reached; next try in 0.5 s: "));
        await RefusedAsync("DATABASE: can't be reached: ", ["check", .. settings]);
    }

    private static async Task RefusedAsync(string message, string[] command)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(command);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1), string.Join(' ', command));
            Assert.That(errors, Does.StartWith("The server can't start: ").And.Contain(message));
            Assert.That(errors.TrimEnd('\n'), Does.Not.Contain('\n'));
            Assert.That(output, Does.Not.Contain("   at ").And.Not.Contain("fail:").And.Not.Contain("crit:"));
        });
    }
}
