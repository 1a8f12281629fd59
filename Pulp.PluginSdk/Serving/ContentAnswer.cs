namespace Pulp.PluginSdk.Serving;

/// <summary>For how long the server answers a path with a handler's answer, without asking the handler again.</summary>
public enum Remember
{
    /// <summary>Not at all: the answer may depend on anything.</summary>
    Never,

    /// <summary>
    /// Until what the distribution serves changes: its own fields, its newest version or publication, or stored files were
    /// removed. Within the memory that there is for answers.
    /// </summary>
    WhileServed,
}

/// <summary>What is answered: a closed family. Conditions, ranges and HEAD are the server's business.</summary>
public abstract record ContentAnswer
{
    private protected ContentAnswer() { }

    /// <summary>For how long the answer holds. Only a handler's answers are remembered.</summary>
    public Remember Remember { get; init; } = Remember.Never;

    /// <summary>
    /// Names of request headers on which the answer depends: sent as <c>Vary</c>, and remembered apart for each of their values.
    /// </summary>
    public IReadOnlyList<string> VariesBy { get; init; } = [];

    /// <summary>Headers beside those that the server sends anyway.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>
    /// The answer's entity tag (RFC 9110, section 8.8.3), quoted or not: a client that has it already gets 304. Stored files have
    /// one by their SHA-256.
    /// </summary>
    public string? ETag { get; init; }

    /// <summary>A stored file.</summary>
    /// <param name="ArtifactId">The artifact; 404 when there is none.</param>
    /// <param name="MediaType">Its media type; null guesses from the path.</param>
    public sealed record Stored(Guid ArtifactId, string? MediaType = null) : ContentAnswer;

    /// <summary>A file of a unit: what is stored is sent, and what isn't here yet is fetched from the unit's remotes.</summary>
    /// <param name="ContentId">The unit.</param>
    /// <param name="RelativePath">The file's path as the unit has it; 404 when it has none there.</param>
    /// <param name="MediaType">Its media type; null guesses from the path.</param>
    public sealed record Unit(Guid ContentId, string RelativePath, string? MediaType = null) : ContentAnswer;

    /// <summary>A body made on the spot.</summary>
    /// <param name="Body">The body.</param>
    /// <param name="MediaType">Its media type.</param>
    public sealed record Bytes(ReadOnlyMemory<byte> Body, string MediaType) : ContentAnswer;

    /// <summary>A directory listing.</summary>
    /// <param name="Entries">Names; directories end with a slash.</param>
    public sealed record Listing(IReadOnlyList<string> Entries) : ContentAnswer;

    /// <summary>A redirect (302).</summary>
    /// <param name="Location">Where to.</param>
    public sealed record Redirect(string Location) : ContentAnswer;

    /// <summary>404, whatever the default would say.</summary>
    /// <param name="Text">A sentence for the client.</param>
    public sealed record Missing(string Text) : ContentAnswer;
}
