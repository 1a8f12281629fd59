using Pulp.PluginSdk.Files;

namespace Pulp.PluginSdk.Upstreams;

/// <summary>
/// A request to an upstream. It is sent with the remote's credentials, headers, TLS, proxy, limits and retries; redirects are
/// followed, and another host than the asked one gets none of the credentials.
/// </summary>
/// <param name="url">Absolute address: http, https, or file where the server's settings allow it.</param>
public sealed class UpstreamRequest(string url)
{
    /// <summary>The address.</summary>
    public string Url { get; } = url;

    /// <summary><c>GET</c> or <c>HEAD</c>, or <c>POST</c> with <see cref="Json"/>.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>JSON that is posted; a question that changes nothing, as it may be asked again after a failure.</summary>
    public string? Json { get; init; }

    /// <summary>Media types for <c>Accept</c>, the most wanted first.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>More headers; one of the remote's of the same name is not sent then.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>An <see cref="UpstreamAnswer.ETag"/> from before: while it is the same, the answer is 304 without a body.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Of when what is here is: while upstream has nothing newer, the answer is 304 without a body.</summary>
    public DateTimeOffset? IfModifiedSince { get; init; }

    /// <summary>
    /// Statuses that are an answer too, beside those that say success (and 304 where that was asked for): 404 for what may be missing.
    /// Every other is an <see cref="Errors.UpstreamException"/>.
    /// </summary>
    public IReadOnlyList<int> Answers { get; init; } = [];

    /// <summary>What the body must turn out to be; of an answer that doesn't say success nothing is expected.</summary>
    public FileExpectation Expected { get; init; } = FileExpectation.None;
}
