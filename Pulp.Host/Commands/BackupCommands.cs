using System.CommandLine;
using Npgsql;
using Pulp.Core.Backups;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;

namespace Pulp.Host.Commands;

/// <summary><c>pulp backup</c> and <c>pulp restore</c>.</summary>
internal static class BackupCommands
{
    public static Command Backup(SettingOptions options)
    {
        var directory = new Argument<string>("DIR") { Description = "The directory to make." };
        var command = options.Command(
            "backup",
            "Copies keys, the list of stored files and, on SQLite, the database, beside a running server.",
            (setup, result, token) =>
                GuardedAsync(() => BackupAsync(setup, Path.GetFullPath(result.GetRequiredValue(directory)), token))
        );
        command.Arguments.Add(directory);
        return command;
    }

    public static Command Restore(SettingOptions options)
    {
        var directory = new Argument<string>("DIR") { Description = "What 'pulp backup' made." };
        var check = new Option<bool>("--check")
        {
            Description = "Change nothing; only check the backup and the stored files.",
        };
        var digests = new Option<bool>("--digests")
        {
            Description = "Read the stored files and compare their digests, not only their sizes.",
        };
        var command = options.Command(
            "restore",
            "Puts a backup where no database is yet, and checks the stored files against its list.",
            (setup, result, token) =>
                GuardedAsync(() =>
                    RestoreAsync(
                        setup,
                        Path.GetFullPath(result.GetRequiredValue(directory)),
                        result.GetValue(check),
                        result.GetValue(digests),
                        token
                    )
                )
        );
        command.Arguments.Add(directory);
        command.Options.Add(check);
        command.Options.Add(digests);
        return command;
    }

    private static async Task<int> GuardedAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (InvalidDataException fault)
        {
            throw new StartFault(fault.Message);
        }
    }

    private static async Task<int> BackupAsync(Setup setup, string directory, CancellationToken cancellationToken)
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        var writer = ActivatorUtilities.CreateInstance<BackupWriter>(app.Services);
        var manifest = await writer.WriteAsync(directory, cancellationToken);
        Console.WriteLine(
            $"The backup is in {directory}: {manifest.Artifacts} stored files of {manifest.ArtifactBytes} bytes are in its list."
        );
        Console.WriteLine($"Copy the files themselves now, from {settings.MediaRoot}.");
        if (manifest.Database == "postgresql")
        {
            var dump = Quoted(Path.Combine(directory, BackupManifest.DumpFile));
            Console.WriteLine("The database is for PostgreSQL's own tool:");
            Console.WriteLine($"  pg_dump --format=custom --no-owner {Connection(settings)} --file={dump}");
        }

        return 0;
    }

    private static async Task<int> RestoreAsync(
        Setup setup,
        string directory,
        bool checkOnly,
        bool digests,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        var manifest = await BackupManifest.ReadAsync(directory, cancellationToken);
        await using var app = PulpApplication.Build(settings, catalog, services);
        var reader = ActivatorUtilities.CreateInstance<BackupReader>(app.Services);
        if (!checkOnly)
        {
            reader.CheckTarget(directory, manifest);
            reader.Restore(directory);
            Console.WriteLine(
                $"Restored the backup of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC ({string.Join(", ", manifest.Versions.Select(v => $"{v.Key} {v.Value}"))})."
            );
            if (manifest.Database == "postgresql")
            {
                var dump = Quoted(Path.Combine(directory, BackupManifest.DumpFile));
                Console.WriteLine("The database is for PostgreSQL's own tool, into an empty database:");
                Console.WriteLine($"  pg_restore --no-owner --exit-on-error {Connection(settings)} {dump}");
            }
        }

        var files = await reader.CheckArtifactsAsync(directory, digests, cancellationToken);
        if (files.FaultCount == 0)
        {
            Console.WriteLine($"The backup is whole; all {files.Checked} stored files are in {settings.MediaRoot}.");
            return 0;
        }

        await Console.Error.WriteLineAsync(
            $"{files.FaultCount} of {files.Checked} stored files in {settings.MediaRoot} are not as the backup's list says; "
                + "copy them there, or let the server fetch them again (POST /pulp/api/v3/repair/). The first:"
        );
        foreach (var fault in files.Faults)
        {
            await Console.Error.WriteLineAsync($"  {fault}");
        }

        return 1;
    }

    /// <summary>The database as libpq's tools take it; the password is theirs to ask for, or PGPASSWORD's to hold.</summary>
    private static string Connection(PulpSettings settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(DatabaseUrl.ToConnectionString(settings.Database));
        return $"--host={Quoted(builder.Host ?? "localhost")} --port={builder.Port} "
            + $"--username={Quoted(builder.Username ?? Environment.UserName)} --dbname={Quoted(builder.Database ?? "")}";
    }

    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-:".Contains(c, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
