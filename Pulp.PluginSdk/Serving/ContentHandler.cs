using Microsoft.AspNetCore.Http;

namespace Pulp.PluginSdk.Serving;

/// <summary>
/// Answers requests below a distribution's base path before the default does. Each request has an instance of its own, which takes
/// services of the request.
/// </summary>
public abstract class ContentHandler
{
    /// <summary>
    /// An answer, or null for the default: published files, then the version's files, then a listing. Null isn't remembered: the
    /// handler is asked again. A <see cref="Errors.PulpException"/> is answered with its status; anything else is a 500 without
    /// detail.
    /// </summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public abstract ValueTask<ContentAnswer?> AnswerAsync(ContentRequest request, CancellationToken cancellationToken);
}

/// <summary>A GET or HEAD for something below a base path. The distribution's guard has agreed.</summary>
public sealed record ContentRequest
{
    /// <summary>The distribution, and what it serves at this moment.</summary>
    public required IServedDistribution Served { get; init; }

    /// <summary>Path below the base path, decoded, without a leading slash; never empty.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The request's headers. An answer that depends on one of them names it in <see cref="ContentAnswer.VariesBy"/>.
    /// </summary>
    public required IHeaderDictionary Headers { get; init; }

    /// <summary>What follows the question mark. Answers to requests that have it are never remembered.</summary>
    public required IQueryCollection Query { get; init; }
}
