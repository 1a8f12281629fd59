using System.Diagnostics;

namespace Pulp.Api.Tests.Processes;

/// <summary>What lies on the disk and what is printed, as other accounts of the machine see it.</summary>
public sealed class SecretFilesTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private string _data = "";

    [SetUp]
    public void SetUp()
    {
        // As an administrator makes it, or a package.
        _data = Directory.CreateTempSubdirectory("pulp-secret-").FullName;
        File.SetUnixFileMode(
            _data,
            ForAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
        );
    }

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    private string DatabaseFile => Path.Combine(_data, "pulp.db");

    private string PasswordFile => Path.Combine(_data, "admin-password");

    [TestCase("new")]
    [TestCase("empty")]
    [TestCase("readable")]
    public async Task The_database_is_for_its_owner_alone_in_a_directory_that_others_may_read(string before)
    {
        if (before == "readable")
        {
            await ServerProcess.RunAsync("migrate", "--data-dir", _data);
        }

        if (before != "new")
        {
            await File.AppendAllTextAsync(DatabaseFile, "");
            File.SetUnixFileMode(DatabaseFile, ForAll);
        }

        await using var server = await ServerProcess.ServeAsync(_data, "");
        await server.Api.GetAsync("login/");

        Assert.That(
            Directory.EnumerateFiles(_data, "pulp.db*").Where(f => File.GetUnixFileMode(f) != OwnerOnly),
            Is.Empty
        );
        Assert.That(Directory.EnumerateFiles(_data, "pulp.db*").Count(), Is.GreaterThanOrEqualTo(2), "with its log");
    }

    [Test]
    public async Task A_file_that_is_no_database_stays_as_it_was()
    {
        var file = Path.Combine(_data, "somebody-elses");
        await File.WriteAllTextAsync(
            file,
            "This is no database, and others read it: it may not become unreadable for them."
        );
        File.SetUnixFileMode(file, ForAll);

        var (code, _, errors) = await ServerProcess.RunAsync("check", "--data-dir", _data, "--database", file);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1), errors);
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(ForAll));
        });
    }

    [Test]
    public async Task A_generated_password_is_printed_to_a_terminal_only()
    {
        var made = await ServerProcess.RunAsync("admin", "reset-password", "--data-dir", _data);
        var kept = (await File.ReadAllTextAsync(PasswordFile)).Trim();
        var seen = await OnTerminalAsync($"{ServerProcess.Program} admin reset-password --data-dir {_data}");
        var second = (await File.ReadAllTextAsync(PasswordFile)).Trim();
        await using var server = await ServerProcess.ServeAsync(_data, "");
        using var client = new PulpClient(server.Url, "admin", second);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(kept, Has.Length.EqualTo(20));
            Assert.That(made.Output, Does.Contain($"is in {PasswordFile}").And.Not.Contain(kept));
            Assert.That(made.Errors, Does.Not.Contain(kept));
            Assert.That(File.GetUnixFileMode(PasswordFile), Is.EqualTo(OwnerOnly));
            Assert.That(seen, Does.Contain(second));
            Assert.That((await client.GetAsync("login/")).Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task The_first_start_tells_a_journal_where_the_password_is_and_not_what_it_is()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "", "--default-admin-password", "");
        var password = (await File.ReadAllTextAsync(PasswordFile)).Trim();
        using var client = new PulpClient(server.Url, "admin", password);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(server.Started, Does.Contain($"is in {PasswordFile}").And.Not.Contain(password));
            Assert.That((await client.GetAsync("login/")).Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_data_directory_that_everybody_may_write_in_is_warned_of()
    {
        File.SetUnixFileMode(_data, File.GetUnixFileMode(_data) | UnixFileMode.OtherWrite);

        await using var server = await ServerProcess.ServeAsync(_data, "");

        Assert.That(server.Started, Does.Contain($"may write in {_data}"));
    }

    /// <summary>Runs a command on a terminal of its own and answers what it shows.</summary>
    private static async Task<string> OnTerminalAsync(string command)
    {
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("script can't be started.");
        var shown = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return shown;
    }
}
