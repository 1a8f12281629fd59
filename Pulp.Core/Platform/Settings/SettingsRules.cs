using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Settings;

/// <summary>What can't work, found before anything starts.</summary>
public static class SettingsRules
{
    private static readonly string[] KnownRoles = [Roles.Api, Roles.Content, Roles.Worker];

    /// <summary>Completes paths that follow from others and adds every fault.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void Apply(PulpSettings settings, ICollection<string> faults)
    {
        settings.DataDir = Path.GetFullPath(settings.DataDir.Length > 0 ? settings.DataDir : DefaultDataDir());
        settings.MediaRoot = Below(settings, settings.MediaRoot, "media");
        settings.KeyDir = Below(settings, settings.KeyDir, "keys");
        settings.PluginDir = Path.GetFullPath(
            settings.PluginDir.Length > 0 ? settings.PluginDir : Path.Combine(AppContext.BaseDirectory, "plugins")
        );
        Check(faults, settings.Roles.Count > 0, "ROLES: at least one of api, content, worker is needed.");
        foreach (var role in settings.Roles.Where(r => !KnownRoles.Contains(r)))
        {
            faults.Add($"ROLES: '{role}' is not one of api, content, worker.");
        }

        Check(faults, settings.Workers is >= 1 and <= 256, "WORKERS: must be between 1 and 256.");
        Check(faults, settings.WorkerTtl is >= 3 and <= 3600, "WORKER_TTL: must be between 3 and 3600 seconds.");
        Check(faults, settings.SendTimeout is >= 1 and <= 86_400, "SEND_TIMEOUT: must be between 1 and 86400 seconds.");
        Check(
            faults,
            settings.SqliteSynchronous is "normal" or "full" or "off",
            $"SQLITE_SYNCHRONOUS: '{settings.SqliteSynchronous}' is not one of normal, full, off."
        );
        Check(
            faults,
            Enum.TryParse<LogLevel>(settings.LogLevel, ignoreCase: true, out _),
            $"LOG_LEVEL: '{settings.LogLevel}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}."
        );
        Check(
            faults,
            settings.ContentPathPrefix.StartsWith('/') && settings.ContentPathPrefix.EndsWith('/'),
            "CONTENT_PATH_PREFIX: must begin and end with a slash."
        );
        CheckChecksums(settings, faults);
        CheckUrls(settings, faults);
        foreach (var path in settings.AllowedImportPaths.Where(p => !Path.IsPathRooted(p)))
        {
            faults.Add($"ALLOWED_IMPORT_PATHS: '{path}' is not an absolute path.");
        }
    }

    private static void CheckChecksums(PulpSettings settings, ICollection<string> faults)
    {
        foreach (var name in settings.AllowedContentChecksums.Where(c => !Digests.Names.Contains(c)))
        {
            faults.Add($"ALLOWED_CONTENT_CHECKSUMS: '{name}' is not one of {string.Join(", ", Digests.Names)}.");
        }

        Check(
            faults,
            settings.AllowedContentChecksums.Contains("sha256"),
            "ALLOWED_CONTENT_CHECKSUMS: sha256 must be among them, because artifacts are addressed by it."
        );
    }

    private static void CheckUrls(PulpSettings settings, ICollection<string> faults)
    {
        foreach (var url in settings.Listen)
        {
            var plain = url.Replace("*", "host", StringComparison.Ordinal)
                .Replace("+", "host", StringComparison.Ordinal);
            Check(
                faults,
                Uri.TryCreate(plain, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
                $"LISTEN: '{url}' is not an address such as http://127.0.0.1:24817."
            );
        }

        Check(
            faults,
            settings.ContentOrigin.Length == 0
                || (
                    Uri.TryCreate(settings.ContentOrigin, UriKind.Absolute, out var origin)
                    && origin.Scheme is "http" or "https"
                ),
            $"CONTENT_ORIGIN: '{settings.ContentOrigin}' is not an address such as https://pulp.example.com."
        );
        if (DatabaseUrl.Fault(settings.Database) is { } fault)
        {
            faults.Add($"DATABASE: {fault}");
        }
    }

    private static void Check(ICollection<string> faults, bool holds, string fault)
    {
        if (!holds)
        {
            faults.Add(fault);
        }
    }

    private static string Below(PulpSettings settings, string path, string name) =>
        path.Length > 0 ? Path.GetFullPath(path) : Path.Combine(settings.DataDir, name);

    private static string DefaultDataDir()
    {
        var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        return string.IsNullOrEmpty(data)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "pulp")
            : Path.Combine(data, "pulp");
    }
}
