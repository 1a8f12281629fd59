using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Serving;

/// <summary>Answers requests below a distribution's base path before the default does.</summary>
public interface IContentHandler
{
    /// <summary>An answer, or null for the default: published files, then the version's files, then a listing.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">The client went away.</param>
    Task<ContentAnswer?> AnswerAsync(ContentRequest request, CancellationToken cancellationToken);
}

/// <summary>A request for something below a base path. The distribution's guard has agreed.</summary>
/// <param name="Distribution">The distribution.</param>
/// <param name="Path">Path below the base path, decoded, without a leading slash.</param>
/// <param name="Version">The version that is served, where there is one.</param>
/// <param name="Accept">The request's Accept header.</param>
public sealed record ContentRequest(
    Distribution Distribution,
    string Path,
    RepositoryVersionRef? Version,
    string? Accept
);

/// <summary>What is answered: a closed family.</summary>
public abstract record ContentAnswer
{
    private protected ContentAnswer() { }

    /// <summary>A stored file, with ranges, ETag and the rest done by the server.</summary>
    /// <param name="ArtifactId">The artifact.</param>
    /// <param name="MediaType">Its media type; null guesses from the path.</param>
    public sealed record Stored(Guid ArtifactId, string? MediaType = null) : ContentAnswer;

    /// <summary>A small body made on the spot.</summary>
    /// <param name="Body">The body.</param>
    /// <param name="MediaType">Its media type.</param>
    public sealed record Bytes(ReadOnlyMemory<byte> Body, string MediaType) : ContentAnswer;

    /// <summary>A directory listing.</summary>
    /// <param name="Entries">Names; directories end with a slash.</param>
    public sealed record Listing(IReadOnlyList<string> Entries) : ContentAnswer;

    /// <summary>A redirect.</summary>
    /// <param name="Location">Where to.</param>
    public sealed record Redirect(string Location) : ContentAnswer;
}
