using System.Diagnostics;

namespace Pulp.Api.Tests.Processes;

/// <summary>The command line and what real clients see of the server.</summary>
public sealed class CommandTests
{
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-command-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    [TestCase("--workers", "many", "WORKERS (command line): 'many' is not a number.")]
    [TestCase("--workers", "0", "WORKERS: must be between 1 and 256.")]
    [TestCase("--roles", "api,cook", "ROLES: 'cook' is not one of api, content, worker.")]
    [TestCase("--listen", "nonsense", "LISTEN: 'nonsense' is not an address")]
    [TestCase("--database", "mysql://x/y", "DATABASE: must be postgres://")]
    [TestCase("--allowed-content-checksums", "md5", "ALLOWED_CONTENT_CHECKSUMS: sha256 must be among them")]
    [TestCase("--log-level", "loud", "LOG_LEVEL: 'loud' is not one of")]
    public async Task A_setting_that_can_not_work_stops_the_start_by_its_name(
        string option,
        string value,
        string message
    )
    {
        var (code, _, errors) = await ServerProcess.RunAsync("serve", "--data-dir", _data, option, value);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(errors, Does.Contain(message));
        });
    }

    [Test]
    public async Task Every_fault_is_named_at_once_and_an_unknown_setting_is_one()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_data, "settings.json"),
            "{ \"WORKERS\": \"x\", \"WORKER_TTL\": 1, \"NO_SUCH\": 1 }"
        );
        var (_, _, first) = await ServerProcess.RunAsync("check", "--data-dir", _data);
        await File.WriteAllTextAsync(Path.Combine(_data, "settings.json"), "{ \"NO_SUCH\": 1 }");

        var (_, _, second) = await ServerProcess.RunAsync("check", "--data-dir", _data);

        Assert.Multiple(() =>
        {
            Assert.That(first, Does.Contain("WORKERS").And.Contain("settings.json"));
            Assert.That(second, Does.Contain("NO_SUCH").And.Contain("there is no such setting"));
        });
    }

    [Test]
    public async Task Check_migrate_and_version_say_what_is_there()
    {
        var before = await ServerProcess.RunAsync("check", "--data-dir", _data);
        var migrate = await ServerProcess.RunAsync("migrate", "--data-dir", _data);
        var again = await ServerProcess.RunAsync("migrate", "--data-dir", _data);
        var after = await ServerProcess.RunAsync("check", "--data-dir", _data);
        var version = await ServerProcess.RunAsync("version", "--data-dir", _data);
        var plugins = await ServerProcess.RunAsync("plugin", "list", "--data-dir", _data);

        Assert.Multiple(() =>
        {
            Assert.That(
                before.Output,
                Does.Contain("migration(s) will be applied").And.Contain("Everything is in order.")
            );
            Assert.That(migrate.Output, Does.Contain(before.Output.Split(' ')[0] + " migration(s) applied."));
            Assert.That(again.Output, Does.Contain("up to date"));
            Assert.That(after.Output, Is.EqualTo("Everything is in order.\n"));
            Assert.That(version.Output, Does.Contain("core 3.").And.Contain("file 3."));
            Assert.That(plugins.Output, Does.Match("(?m)^file "));
        });
    }

    [Test]
    public async Task A_database_that_can_not_be_reached_is_told_by_check()
    {
        var (code, _, errors) = await ServerProcess.RunAsync(
            "check",
            "--data-dir",
            _data,
            "--database",
            "postgres://nobody@127.0.0.1:1/none"
        );

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(errors, Does.Contain("DATABASE: can't be reached"));
        });
    }

    [Test]
    public async Task A_plugin_that_does_not_fit_stops_the_start_with_one_line_and_can_be_disabled()
    {
        var plugins = Path.Combine(_data, "plugins");
        Directory.CreateDirectory(Path.Combine(plugins, "odd"));
        await File.WriteAllTextAsync(
            Path.Combine(plugins, "odd", "plugin.json"),
            "{\"label\": \"odd\", \"assembly\": \"Odd.dll\", \"sdk_min\": \"9.0\", \"sdk_below\": \"10.0\"}"
        );

        var refused = await ServerProcess.RunAsync("check", "--data-dir", _data, "--plugin-dir", plugins);
        await File.WriteAllTextAsync(
            Path.Combine(plugins, "odd", "plugin.json"),
            "{\"label\": \"odd\", \"assembly\": \"Odd.dll\", \"sdk_min\": \"0.1\", \"sdk_below\": \"10.0\"}"
        );
        var missing = await ServerProcess.RunAsync("check", "--data-dir", _data, "--plugin-dir", plugins);
        var disabled = await ServerProcess.RunAsync(
            "check",
            "--data-dir",
            _data,
            "--plugin-dir",
            plugins,
            "--disabled-plugins",
            "odd"
        );

        Assert.Multiple(() =>
        {
            Assert.That(
                refused.Errors,
                Does.Contain("Plugin odd: it works with plugin SDK 9.0").And.Contain("DISABLED_PLUGINS")
            );
            Assert.That(missing.Errors, Does.Contain("Plugin odd: it can't be loaded"));
            Assert.That(disabled.Code, Is.Zero);
        });
    }

    [Test]
    public async Task The_first_start_makes_a_password_that_only_the_owner_may_read()
    {
        var (code, output, errors) = await ServerProcess.RunAsync(
            "admin",
            "reset-password",
            "--data-dir",
            _data,
            "--password",
            "chosen by me"
        );
        await using var server = await ServerProcess.ServeAsync(_data, "");
        using var client = new PulpClient(server.Url, "admin", "chosen by me");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(code, Is.Zero, errors);
            Assert.That(output, Does.Contain("The password of 'admin' was set."));
            Assert.That((await client.GetAsync("login/")).Code, Is.EqualTo(200));
            Assert.That(
                File.GetUnixFileMode(Path.Combine(_data, "keys", "database_fields.symmetric.key")),
                Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
            );
        });
    }

    [Test]
    public async Task Curl_and_wget_download_what_is_served()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"{i:D6}"));
        upstream.With("dir/big.txt", text).With("dir/small.txt", "small").Listed();
        await using var server = await ServerProcess.ServeAsync(_data, "");
        var repository = await server.Api.NewRepositoryAsync(new { autopublish = true });
        await server.Api.SyncAsync(repository, await server.Api.NewRemoteAsync(upstream.Manifest));
        var (_, path) = await server.Api.NewDistributionAsync(new { repository });
        var url = server.Url + path;
        var part = Path.Combine(_data, "part");
        await File.WriteAllTextAsync(part, text[..50_000]);

        await ClientAsync("curl", "-sf", "-o", Path.Combine(_data, "whole"), url + "dir/big.txt");
        await ClientAsync("curl", "-sf", "-C", "-", "-o", part, url + "dir/big.txt");
        await ClientAsync("wget", "-q", "-r", "-np", "-nH", "--cut-dirs=3", "-P", Path.Combine(_data, "tree"), url);

        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(Path.Combine(_data, "whole")), Is.EqualTo(text));
            Assert.That(File.ReadAllText(part), Is.EqualTo(text), "curl went on where it stopped");
            Assert.That(File.ReadAllText(Path.Combine(_data, "tree", "dir", "small.txt")), Is.EqualTo("small"));
        });
    }

    [Test]
    public async Task The_pulp_command_line_client_drives_the_main_job()
    {
        // By its whole path: .NET looks beside the running program first, and there the server is called pulp, too.
        var client = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, "pulp"))
            .FirstOrDefault(File.Exists);
        if (client is null)
        {
            Assert.Ignore("There is no pulp-cli on the PATH.");
        }

        await using var upstream = await FakeUpstream.StartAsync();
        upstream.With("a.txt", "by pulp-cli").Listed();
        await using var server = await ServerProcess.ServeAsync(_data, "");
        string[] login = ["--base-url", server.Url, "--username", "admin", "--password", TestServer.Password];
        foreach (
            var command in new[]
            {
                $"file remote create --name r --url {upstream.Manifest}",
                "file repository create --name p --remote r",
                "file repository sync --repository p",
                "file publication create --repository p",
                "file distribution create --name d --base-path cli --repository p",
            }
        )
        {
            await ClientAsync(client, [.. login, .. command.Split(' ')]);
        }

        Assert.That((await server.Api.GetAsync("/pulp/content/cli/a.txt")).Text, Is.EqualTo("by pulp-cli"));
    }

    private static async Task ClientAsync(string program, params string[] arguments)
    {
        using var process =
            Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false }
            ) ?? throw new InvalidOperationException($"{program} can't be started.");
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}: {said}");
    }
}
