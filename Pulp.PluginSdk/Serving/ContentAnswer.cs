using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

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

    /// <summary>
    /// A route of the plugin's own sends it without asking the distribution's guard: for what the plugin's protocol shows everybody,
    /// such as which files there are. The content application always asks.
    /// </summary>
    public bool IsUnguarded { get; init; }

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

    /// <summary>
    /// A file that is fetched from a remote and sent while it comes, for all who ask for it at the same time by one download. When it
    /// has come whole and is what was promised, the unit is stored with it, unless the remote's policy is
    /// <see cref="DownloadPolicies.Streamed"/>; a stored file of the same SHA-256 isn't fetched again. 404 when the remote says that
    /// it has no such file; 502, 503 or 504 with <c>Retry-After</c> when it can't be asked or sends something else. Never remembered.
    /// </summary>
    /// <param name="Remote">The remote, with its limits and credentials.</param>
    /// <param name="Declared">The unit, with exactly one file.</param>
    /// <param name="AddTo">The repository to which the unit is added as a new version; null for none.</param>
    /// <param name="MediaType">The file's media type; null guesses from its path.</param>
    public sealed record Upstream(Remote Remote, DeclaredContent Declared, Guid? AddTo = null, string? MediaType = null)
        : ContentAnswer
    {
        /// <summary>
        /// Makes the unit once its file has come whole and is what was promised: with what the file tells of it, and with further files,
        /// which are staged for it. The first file stays the fetched one. Null stores what was declared. When it throws, the log says so and
        /// nothing is stored; the clients have their bytes.
        /// </summary>
        public Func<StagedFile, CancellationToken, ValueTask<DeclaredContent>>? Complete { get; init; }
    }
}
