using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>An answer to a path: a closed family.</summary>
internal abstract record ServedAnswer : Remembered
{
    private ServedAnswer() { }

    /// <summary>A stored file, by the name that its storage has for it.</summary>
    public sealed record File(string Name, long Size, string ETag, string MediaType, DateTimeOffset Modified)
        : ServedAnswer
    {
        /// <summary>The bytes of a small file that is asked for often; <see cref="SmallFiles"/> gives and takes them.</summary>
        public SmallFiles.CachedBytes? CachedBytes { get; set; }

        /// <summary>It came long enough ago to be surely before any clock's now.</summary>
        public bool IsSettled { get; set; }

        public string ModifiedText { get; } = Modified.ToString("R", null);

        public string SizeText { get; } = Size.ToString(System.Globalization.CultureInfo.InvariantCulture);

        // Its strings, of two bytes a character, and the objects around them.
        public override long MemoryBytes => (2 * (Name.Length + ETag.Length)) + 340;
    }

    /// <summary>A file that isn't here yet.</summary>
    public sealed record OnDemand(Guid ContentArtifact, string MediaType) : ServedAnswer;

    /// <summary>A file that a plugin has found upstream, for a distribution of a domain.</summary>
    public sealed record PullThrough(ContentAnswer.Upstream Wanted, string MediaType, Guid Domain) : ServedAnswer;

    /// <summary>A directory without its slash.</summary>
    public sealed record AddSlash : ServedAnswer;

    /// <summary>A directory.</summary>
    public sealed record Listing(byte[] Html) : ServedAnswer
    {
        public override long MemoryBytes => Html.Length + 64;
    }

    /// <summary>A body that a plugin made.</summary>
    public sealed record Body(ReadOnlyMemory<byte> Bytes, string MediaType) : ServedAnswer;

    /// <summary>A redirect that a plugin wants.</summary>
    public sealed record Redirect(string Location) : ServedAnswer;

    /// <summary>Nothing there, as a plugin says it.</summary>
    public sealed record Missing(string Text) : ServedAnswer;

    /// <summary>Nothing there.</summary>
    public sealed record NotFound : ServedAnswer
    {
        public static NotFound Instance { get; } = new();
    }
}
