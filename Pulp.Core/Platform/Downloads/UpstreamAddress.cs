namespace Pulp.Core.Platform.Downloads;

/// <summary>Addresses of upstreams: those that can be fetched, and how they are shown.</summary>
internal static class UpstreamAddress
{
    /// <exception cref="UpstreamException">It is none that can be fetched.</exception>
    public static Uri Parse(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "file"
            ? uri!
            : throw new UpstreamException($"'{Shown(url)}' is no address that can be fetched.");

    /// <summary>An address for messages: without credentials and query, which may hold a token.</summary>
    public static string Shown(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) ? Shown(uri) : "an invalid address";

    public static string Shown(Uri url) =>
        url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
