using System.Net;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Settings;

/// <summary>What can't work, found before anything starts.</summary>
public static class SettingsRules
{
    private static readonly string[] KnownRoles = [ProcessRoles.Api, ProcessRoles.Content, ProcessRoles.Worker];

    /// <summary>Completes paths that follow from others and adds every fault.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void Apply(PulpSettings settings, ICollection<string> faults)
    {
        settings.DataDir = Path.GetFullPath(settings.DataDir.Length > 0 ? settings.DataDir : DefaultDataDir());
        settings.MediaRoot = Below(settings, settings.MediaRoot, "media");
        settings.KeyDir = Below(settings, settings.KeyDir, "keys");
        CheckPluginDirs(settings, faults);
        settings.PluginDir = [.. settings.PluginDir.Select(WithoutLastSlash).Distinct(StringComparer.Ordinal)];
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
            settings.LogFormat is "text" or "json",
            $"LOG_FORMAT: '{settings.LogFormat}' is not one of text, json."
        );
        Check(
            faults,
            settings.RequestLog is "none" or "api" or "all",
            $"REQUEST_LOG: '{settings.RequestLog}' is not one of none, api, all."
        );
        foreach (var proxy in settings.TrustedProxies.Where(p => ForwardedFrom.Network(p) is null))
        {
            faults.Add($"TRUSTED_PROXIES: '{proxy}' is not an address or a network such as 10.0.0.0/8.");
        }

        Check(
            faults,
            settings.ContentPathPrefix.StartsWith('/') && settings.ContentPathPrefix.EndsWith('/'),
            "CONTENT_PATH_PREFIX: must begin and end with a slash."
        );
        foreach (var name in settings.TaskDiagnostics.Except(TaskDiagnostics.All))
        {
            faults.Add($"TASK_DIAGNOSTICS: '{name}' is not one of {string.Join(", ", TaskDiagnostics.All)}.");
        }

        Check(faults, settings.AuditLogDays <= 36_500, "AUDIT_LOG_DAYS: must be at most 36500.");
        SignInRules.Check(settings, faults);
        CheckChecksums(settings, faults);
        CheckListen(settings, faults);
        CheckUrls(settings, faults);
        foreach (var path in settings.AllowedImportPaths.Where(p => !Path.IsPathRooted(p)))
        {
            faults.Add($"ALLOWED_IMPORT_PATHS: '{path}' is not an absolute path.");
        }
    }

    private static void CheckPluginDirs(PulpSettings settings, ICollection<string> faults)
    {
        foreach (var directory in settings.PluginDir)
        {
            Check(faults, Directory.Exists(directory), $"PLUGIN_DIR: there is no directory {directory}.");
            Check(
                faults,
                !File.Exists(Path.Combine(directory, "plugin.json")),
                $"PLUGIN_DIR: {directory} is one plugin's folder; name the directory above it."
            );
        }
    }

    private static string WithoutLastSlash(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

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

    private static void CheckListen(PulpSettings settings, ICollection<string> faults)
    {
        Check(faults, settings.Listen.Count > 0, "LISTEN: at least one address is needed.");
        foreach (var url in settings.Listen.Where(u => !IsListenAddress(u)))
        {
            faults.Add(
                $"LISTEN: '{url}' is not an address such as http://127.0.0.1:24817; its host is an IP address, localhost, or * for all."
            );
        }

        var https = settings.Listen.FirstOrDefault(u => u.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        var given = settings.TlsCertificate.Length > 0;
        Check(
            faults,
            https is null || given || settings.TlsSelfSigned,
            $"LISTEN: '{https}' needs a certificate: TLS_CERTIFICATE and TLS_KEY, or TLS_SELF_SIGNED=true for trying out."
        );
        Check(
            faults,
            https is not null || (!given && !settings.TlsSelfSigned),
            $"{(given ? "TLS_CERTIFICATE" : "TLS_SELF_SIGNED")}: no address in LISTEN begins with https://."
        );
        Check(faults, !given || !settings.TlsSelfSigned, "TLS_SELF_SIGNED: there is a TLS_CERTIFICATE already.");
        Check(faults, given || settings.TlsKey.Length == 0, "TLS_KEY: it needs a TLS_CERTIFICATE.");
    }

    /// <summary>
    /// As Kestrel reads it; a path behind the port has no meaning here. It takes every name for all addresses, and who mistypes
    /// <c>localhost</c> doesn't mean that.
    /// </summary>
    private static bool IsListenAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Scheme.ToLowerInvariant() is "http" or "https"
                && address is { IsUnixPipe: false, IsNamedPipe: false, Port: >= 0 and <= 65535 }
                && address.PathBase.Length == 0
                && (
                    address.Host is "*" or "+"
                    || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                    || IPAddress.TryParse(address.Host, out _)
                );
        }
        catch (FormatException)
        {
            return false; // It has no scheme, no host or no readable port.
        }
    }

    private static void CheckUrls(PulpSettings settings, ICollection<string> faults)
    {
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
