namespace Pulp.Core.Platform.Settings;

/// <summary>
/// The server's settings under Pulp's own names: <c>MediaRoot</c> is <c>MEDIA_ROOT</c> in the settings file,
/// <c>PULP_MEDIA_ROOT</c> in the environment and <c>--media-root</c> on the command line.
/// </summary>
public sealed class PulpSettings
{
    /// <summary>Everything the server keeps on disk is below it.</summary>
    public string DataDir { get; set; } = "";

    /// <summary><c>postgres://user:password@host/name</c>, or a path of an SQLite file; empty is SQLite in the data directory.</summary>
    public string Database { get; set; } = "";

    /// <summary>Addresses to listen on.</summary>
    public IReadOnlyList<string> Listen { get; set; } = ["http://127.0.0.1:24817"];

    /// <summary>PEM file with the certificate, and those that lead to a known root, for <c>https</c> addresses.</summary>
    public string TlsCertificate { get; set; } = "";

    /// <summary>PEM file with the certificate's key; empty looks in the certificate's file.</summary>
    public string TlsKey { get; set; } = "";

    /// <summary>Whether to make a certificate for <c>https</c> addresses, for trying out.</summary>
    public bool TlsSelfSigned { get; set; }

    /// <summary>What this process does.</summary>
    public IReadOnlyList<string> Roles { get; set; } = [ProcessRoles.Api, ProcessRoles.Content, ProcessRoles.Worker];

    /// <summary>Tasks at once in this process.</summary>
    public int Workers { get; set; } = 2;

    /// <summary>Directories of plugins' folders, beside <c>plugins</c> next to the program, which always counts.</summary>
    public IReadOnlyList<string> PluginDir { get; set; } = [];

    /// <summary>Plugins that are there but not wanted.</summary>
    public IReadOnlyList<string> DisabledPlugins { get; set; } = [];

    /// <summary>Where artifacts are stored; empty is <c>media</c> below the data directory.</summary>
    public string MediaRoot { get; set; } = "";

    /// <summary>Scheme, host and port of content as clients reach it; empty uses the API request's.</summary>
    public string ContentOrigin { get; set; } = "";

    /// <summary>Whether addresses name domains, so that each tenant has its own.</summary>
    public bool DomainEnabled { get; set; }

    /// <summary>Path below which content is served.</summary>
    public string ContentPathPrefix { get; set; } = "/pulp/content/";

    /// <summary>Whether listings of distributions leave out those that have a guard.</summary>
    public bool HideGuardedDistributions { get; set; }

    /// <summary>Directories that <c>file://</c> remotes may read.</summary>
    public IReadOnlyList<string> AllowedImportPaths { get; set; } = [];

    /// <summary>Digests that are computed, accepted and passed on.</summary>
    public IReadOnlyList<string> AllowedContentChecksums { get; set; } = ["sha224", "sha256", "sha384", "sha512"];

    /// <summary>Minutes for which an orphan is kept.</summary>
    public int OrphanProtectionTime { get; set; } = 24 * 60;

    /// <summary>Minutes after which unfinished uploads are removed; 0 never.</summary>
    public int UploadProtectionTime { get; set; }

    /// <summary>Minutes after which finished tasks are removed; 0 never.</summary>
    public int TaskProtectionTime { get; set; }

    /// <summary>Seconds without a heartbeat after which a process counts as gone.</summary>
    public int WorkerTtl { get; set; } = 30;

    /// <summary>Seconds that running tasks get when the server stops.</summary>
    public int TaskGraceInterval { get; set; } = 30;

    /// <summary>Seconds for which a source of an on-demand file is left alone after it failed.</summary>
    public int RemoteContentFetchFailureCooldown { get; set; } = 300;

    /// <summary>First password of the account <c>admin</c>; empty makes one.</summary>
    public string DefaultAdminPassword { get; set; } = "";

    /// <summary>Directory of the generated keys; empty is <c>keys</c> below the data directory.</summary>
    public string KeyDir { get; set; } = "";

    /// <summary>SQLite's <c>synchronous</c>: <c>normal</c> survives a killed process, <c>full</c> also a power failure.</summary>
    public string SqliteSynchronous { get; set; } = "normal";

    /// <summary>Whether files are flushed to the disk before they count as stored.</summary>
    public bool FlushArtifacts { get; set; } = true;

    /// <summary>Bytes of small files kept in memory by the content application; a sixteenth of what there is, up to 256 MiB.</summary>
    public long ContentCacheBytes { get; set; } =
        Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16, 256 * 1024 * 1024);

    /// <summary>
    /// Bytes of answers, with their paths, that the content application remembers; a sixteenth of the memory, up to
    /// 192 MiB. A file takes about 700; what is used again stays as long as it fits into half of them.
    /// </summary>
    public long ContentCacheAnswerBytes { get; set; } =
        Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16, 192 * 1024 * 1024);

    /// <summary>Whether the kernel sends large files (sendfile) where nothing stands between: plain HTTP/1.1.</summary>
    public bool Sendfile { get; set; } = true;

    /// <summary>Seconds for which a client may take nothing of what is sent to it before its connection is cut.</summary>
    public int SendTimeout { get; set; } = 120;

    /// <summary>Largest upload in one request, in bytes; 0 is unlimited.</summary>
    public long MaxUploadBytes { get; set; }

    /// <summary>Proxies, by address or network, whose <c>X-Forwarded-</c> headers are believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = ["127.0.0.0/8", "::1"];

    /// <summary>
    /// The request header in which a trusted proxy names who signed in there, as Pulp writes it: <c>HTTP_REMOTE_USER</c> is the header
    /// <c>Remote-User</c>. Empty for none.
    /// </summary>
    public string RemoteUserEnvironName { get; set; } = "";

    /// <summary>Whether accounts are made for names that such a header, or the JSON header, brings for the first time.</summary>
    public bool RemoteUserCreate { get; set; } = true;

    /// <summary>The same for a header with JSON in base64.</summary>
    public string AuthenticationJsonHeader { get; set; } = "";

    /// <summary>Picks the name out of that JSON, in the syntax of jq.</summary>
    public string AuthenticationJsonHeaderJqFilter { get; set; } = "";

    /// <summary>Issuers whose tokens sign in, as JSON: a list of objects, see docs/sign-in.md.</summary>
    public string OidcProviders { get; set; } = "";

    /// <summary>A directory whose users sign in with its passwords, as JSON: see docs/sign-in.md. Empty for none.</summary>
    public string Ldap { get; set; } = "";

    /// <summary>Days for which the audit log is kept; 0 keeps none.</summary>
    public int AuditLogDays { get; set; } = 90;

    /// <summary>What may be recorded of tasks that ask for it: memory, cpu, logs, debug-logs.</summary>
    public IReadOnlyList<string> TaskDiagnostics { get; set; } = [];

    /// <summary>Lowest level that is logged.</summary>
    public string LogLevel { get; set; } = "Information";

    /// <summary>How a line of the log looks: <c>text</c> or <c>json</c>.</summary>
    public string LogFormat { get; set; } = "text";

    /// <summary>Which requests get a line of the log: <c>none</c>, <c>api</c>, or <c>all</c> with those for content.</summary>
    public string RequestLog { get; set; } = "api";
}

/// <summary>What a process does.</summary>
internal static class ProcessRoles
{
    public const string Api = "api";
    public const string Content = "content";
    public const string Worker = "worker";
}
