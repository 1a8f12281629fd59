using System.Diagnostics;

namespace Pulp.Api.Tests.Processes;

/// <summary>Backup beside a running server, restore elsewhere, and what is not taken for a backup.</summary>
public sealed class BackupTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-backup-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    private string InData(string name) => Path.Combine(_data, name);

    [Test]
    public async Task A_copy_beside_a_running_server_is_restored_with_its_keys_and_serves_the_same()
    {
        var path = await FilledAsync("", whileRunning: () => BackupAsync("", "copy"));

        CopyDirectory(InData("old/media"), InData("new/media"));
        var restored = await ServerProcess.RunAsync(
            "restore",
            InData("copy"),
            "--digests",
            "--data-dir",
            InData("new")
        );

        Assert.Multiple(() =>
        {
            Assert.That(restored.Code, Is.Zero, restored.Errors);
            Assert.That(restored.Output, Does.Contain("The backup is whole; all 3 stored files are in "));
            foreach (var file in Directory.EnumerateFiles(InData("copy"), "*", SearchOption.AllDirectories))
            {
                Assert.That(File.GetUnixFileMode(file), Is.EqualTo(Private), file);
            }

            Assert.That(
                File.ReadAllBytes(InData("new/keys/database_fields.symmetric.key")),
                Is.EqualTo(File.ReadAllBytes(InData("old/keys/database_fields.symmetric.key")))
            );
        });
        await using var server = await ServerProcess.ServeAsync(InData("new"), "");
        Assert.That((await server.Api.GetAsync(path + "a")).Text, Is.EqualTo("first"));
        Assert.That((await server.Api.GetAsync("repositories/")).Results, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Stored_files_that_are_missing_or_damaged_are_told()
    {
        await FilledAsync("", whileRunning: () => BackupAsync("", "copy"));
        var files = Directory.GetFiles(InData("old/media/artifact"), "*", SearchOption.AllDirectories);
        File.Delete(files[0]);
        var bytes = await File.ReadAllBytesAsync(files[1]);
        bytes[0]++;
        await File.WriteAllBytesAsync(files[1], bytes);
        string[] check = ["restore", InData("copy"), "--check", "--data-dir", InData("old")];

        var sizes = await ServerProcess.RunAsync(check);
        var digests = await ServerProcess.RunAsync([.. check, "--digests"]);

        Assert.Multiple(() =>
        {
            Assert.That((sizes.Code, digests.Code), Is.EqualTo((1, 1)));
            Assert.That(sizes.Errors, Does.StartWith("1 of 3 stored files").And.Contain(" is missing"));
            Assert.That(
                digests.Errors,
                Does.StartWith("2 of 3 stored files").And.Contain(" has other content than its name says")
            );
        });
    }

    [TestCase("backup.json", null, "it has no backup.json")]
    [TestCase("pulp.db", null, "pulp.db is missing")]
    [TestCase("pulp.db", "cut", "pulp.db is not as it was written")]
    [TestCase("artifacts.csv", "cut", "artifacts.csv is not as it was written")]
    [TestCase("keys/database_fields.symmetric.key", null, "keys/database_fields.symmetric.key is missing")]
    [TestCase("backup.json", "{", "backup.json can't be read")]
    [TestCase("backup.json", "{\"format\": 9}", "is of format 9")]
    public async Task What_is_not_whole_is_refused(string file, string? content, string message)
    {
        await FilledAsync("");
        await BackupAsync("", "copy");
        var path = Path.Combine(InData("copy"), file);
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllTextAsync(path, content);
        }

        var (code, _, errors) = await ServerProcess.RunAsync("restore", InData("copy"), "--data-dir", InData("new"));

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(errors, Does.Contain(message).And.Not.Contain("   at "));
            Assert.That(File.Exists(InData("new/pulp.db")), Is.False);
            Assert.That(Directory.Exists(InData("new/keys")), Is.False);
        });
    }

    /// <summary>Killed as soon as a file of it is there: what has the backup's name is whole, anything else isn't taken for one.</summary>
    [TestCase("pulp.db")]
    [TestCase("artifacts.csv")]
    [TestCase("backup.json")]
    public async Task A_backup_that_was_killed_is_never_mistaken_for_a_whole_one(string file)
    {
        await FilledAsync("");
        var unfinished = InData("copy.unfinished");
        using (
            var backup =
                Process.Start(ServerProcess.Program, ["backup", InData("copy"), "--data-dir", InData("old")])
                ?? throw new InvalidOperationException("It can't be started.")
        )
        {
            while (!backup.HasExited && !File.Exists(Path.Combine(unfinished, file)))
            {
                await Task.Yield();
            }

            backup.Kill();
            await backup.WaitForExitAsync();
        }

        if (Directory.Exists(unfinished) && !File.Exists(Path.Combine(unfinished, "backup.json")))
        {
            var refused = await ServerProcess.RunAsync("restore", unfinished, "--data-dir", InData("new"));
            Assert.That(refused.Code, Is.EqualTo(1));
            Assert.That(Directory.Exists(InData("copy")), Is.False);
        }

        // The next one isn't held up by what was left.
        var again = Directory.Exists(InData("copy")) ? "other" : "copy";
        await BackupAsync("", again);
        var whole = await ServerProcess.RunAsync("restore", InData(again), "--check", "--data-dir", InData("old"));
        Assert.That(whole.Code, Is.Zero, whole.Errors);
        Assert.That(Directory.Exists(InData(again) + ".unfinished"), Is.False);
    }

    [Test]
    public async Task Nothing_that_is_there_is_overwritten()
    {
        await FilledAsync("");
        await BackupAsync("", "copy");

        var same = await ServerProcess.RunAsync("backup", InData("copy"), "--data-dir", InData("old"));
        var none = await ServerProcess.RunAsync("backup", InData("other"), "--data-dir", InData("new"));
        var overDatabase = await ServerProcess.RunAsync("restore", InData("copy"), "--data-dir", InData("old"));
        Directory.CreateDirectory(InData("new/keys"));
        await File.WriteAllTextAsync(InData("new/keys/database_fields.symmetric.key"), "another");
        var overKey = await ServerProcess.RunAsync("restore", InData("copy"), "--data-dir", InData("new"));

        Assert.Multiple(() =>
        {
            Assert.That(same.Errors, Does.Contain("copy exists already."));
            Assert.That(none.Errors, Does.Contain("DATABASE: there is no database"));
            Assert.That(
                overDatabase.Errors,
                Does.Contain("DATABASE: ").And.Contain("exists already; move it away first.")
            );
            Assert.That(overKey.Errors, Does.Contain("KEY_DIR: ").And.Contain("is another key; move it away first."));
            Assert.That(File.Exists(InData("new/pulp.db")), Is.False);
        });
    }

    [Test]
    public async Task On_PostgreSQL_the_commands_that_it_names_complete_it()
    {
        var database = await PostgresCluster.CreateDatabaseAsync();
        var path = await FilledAsync(database);
        var backup = await BackupAsync(database.Replace("pulp@", "pulp:secret@", StringComparison.Ordinal), "copy");
        await ShellAsync(Command(backup, "pg_dump"));
        var empty = await PostgresCluster.CreateDatabaseAsync();
        CopyDirectory(InData("old/media"), InData("new/media"));

        var restore = await ServerProcess.RunAsync(
            "restore",
            InData("copy"),
            "--data-dir",
            InData("new"),
            "--database",
            empty
        );
        Assert.That(restore.Code, Is.Zero, restore.Errors);
        await ShellAsync(Command(restore.Output, "pg_restore"));

        Assert.That(backup, Does.Not.Contain("secret"));
        await using var server = await ServerProcess.ServeAsync(InData("new"), empty);
        Assert.That((await server.Api.GetAsync(path + "a")).Text, Is.EqualTo("first"));
    }

    /// <summary>A server with two files, in <c>old</c>; answers where they are served.</summary>
    private async Task<string> FilledAsync(string database, Func<Task>? whileRunning = null)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.With("a", "first").With("b", "second").Listed();
        await using var server = await ServerProcess.ServeAsync(InData("old"), database);
        var repository = await server.Api.NewRepositoryAsync(new { autopublish = true });
        await server.Api.SyncAsync(repository, await server.Api.NewRemoteAsync(upstream.Manifest));
        var (_, path) = await server.Api.NewDistributionAsync(new { repository });
        if (whileRunning is not null)
        {
            await whileRunning();
        }

        return path;
    }

    private async Task<string> BackupAsync(string database, string name)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(
            "backup",
            InData(name),
            "--data-dir",
            InData("old"),
            "--database",
            database
        );
        Assert.That(code, Is.Zero, errors);
        return output;
    }

    private static string Command(string output, string program) =>
        output.Split('\n').Single(l => l.TrimStart().StartsWith(program, StringComparison.Ordinal)).Trim();

    /// <summary>As somebody would paste it.</summary>
    private static async Task ShellAsync(string command)
    {
        var bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last();
        using var shell =
            Process.Start("sh", ["-c", $"PATH={bin}/bin:$PATH; {command}"])
            ?? throw new InvalidOperationException("There is no shell.");
        await shell.WaitForExitAsync();
        Assert.That(shell.ExitCode, Is.Zero, command);
    }

    private static void CopyDirectory(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? to);
            File.Copy(file, target);
        }
    }
}
