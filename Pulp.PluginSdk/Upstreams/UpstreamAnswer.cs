using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Upstreams;

/// <summary>
/// What an upstream answered. Disposing it removes the body, but for a sync's: that lies in the task's directory as long as the
/// task runs.
/// </summary>
public sealed class UpstreamAnswer : IAsyncDisposable
{
    /// <summary>The HTTP status; 200 for a local file.</summary>
    public required int Status { get; init; }

    /// <summary>The headers, also those of the body, by name in any case; several values of one are joined by <c>", "</c>.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Where it came from in the end, redirects followed: what relative addresses in the body begin at.</summary>
    public required string Url { get; init; }

    /// <summary>The body; empty where there was none.</summary>
    public required FetchedFile Body { get; init; }

    /// <summary>The status says success.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>What is here is what upstream has.</summary>
    public bool IsNotModified => Status == 304;

    /// <summary>The <c>ETag</c> as it was sent, for the next request's <see cref="UpstreamRequest.IfNoneMatch"/>.</summary>
    public string? ETag => Headers.GetValueOrDefault("ETag");

    /// <summary>The media type, without its parameters.</summary>
    public string? MediaType => Headers.GetValueOrDefault("Content-Type")?.Split(';')[0].Trim();

    internal IAsyncDisposable? Kept { get; init; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Kept?.DisposeAsync() ?? ValueTask.CompletedTask;
}
