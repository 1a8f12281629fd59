using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Data;

/// <summary>Opens the database that the settings name.</summary>
internal static class DatabaseFactory
{
    public static Database Open(PulpSettings settings, IServiceProvider services)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var logger = services.GetRequiredService<ILogger<Database>>();
        if (DatabaseUrl.IsPostgres(settings.Database))
        {
            return new PostgresDatabase(
                DatabaseUrl.ToConnectionString(settings.Database),
                // Who stands still for so long is thought to be gone anyway.
                TimeSpan.FromSeconds(settings.WorkerTtl),
                clock,
                logger
            );
        }

        var path = settings.Database.Replace("sqlite://", "", StringComparison.Ordinal);
        return new SqliteDatabase(
            path.Length > 0 ? Path.GetFullPath(path) : Path.Combine(settings.DataDir, "pulp.db"),
            settings.SqliteSynchronous,
            clock,
            logger
        );
    }
}

/// <summary>Keys that must not be in the database.</summary>
internal static class Keys
{
    /// <summary>The key of the database's secrets, made at the first start.</summary>
    /// <exception cref="InvalidDataException">The file holds no key.</exception>
    public static byte[] Load(PulpSettings settings)
    {
        var path = Path.Combine(settings.KeyDir, "database_fields.symmetric.key");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(
                settings.KeyDir,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            PrivateFiles.TryCreate(path, Convert.ToBase64String(SecretBox.NewKey()));
        }

        var key = Convert.FromBase64String(File.ReadAllText(path).Trim());
        return key.Length == 32 ? key : throw new InvalidDataException($"{path} holds no key of 32 bytes in base64.");
    }
}

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Takes a file from everybody but its owner, where it is there.</summary>
    public static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Makes an empty file, where there is none, so that nobody else can open it before something is in it.</summary>
    public static void CreateEmpty(string path)
    {
        if (File.Exists(path) || !Directory.Exists(Path.GetDirectoryName(path)))
        {
            return;
        }

        try
        {
            using var _ = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = OwnerOnly,
                }
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody else was faster, or it can't be made here: whoever opens it says what stands against that.
        }
    }

    /// <summary>Writes a new file whole or not at all; false when it is there already.</summary>
    public static bool TryCreate(string path, string text)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        using (
            var stream = new FileStream(
                temporary,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = OwnerOnly,
                }
            )
        )
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
            return false;
        }
    }
}
