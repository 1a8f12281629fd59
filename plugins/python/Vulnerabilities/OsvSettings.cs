namespace PulpPython.Vulnerabilities;

/// <summary>Who knows of vulnerabilities: <c>PYTHON_OSV_URL</c>.</summary>
internal sealed class OsvSettings
{
    /// <summary>
    /// The address of OSV's query, or a file: a zip archive of advisories as OSV offers it for download, or JSON of one or more.
    /// </summary>
    public string OsvUrl { get; set; } = "https://api.osv.dev/v1/query";

    /// <summary>The path where it is a file; null for an address.</summary>
    public string? Path() =>
        System.IO.Path.IsPathRooted(OsvUrl) ? OsvUrl
        : Uri.TryCreate(OsvUrl, UriKind.Absolute, out var uri) && uri.IsFile ? uri.LocalPath
        : null;

    /// <summary>Whether it can be asked at all.</summary>
    public bool IsUsable() =>
        Path() is not null
        || (Uri.TryCreate(OsvUrl, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https"));
}
