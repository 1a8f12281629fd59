namespace Pulp.Core.Serving;

/// <summary>What a distribution serves at this moment, with the answers that were found below it so far.</summary>
internal sealed class ServedDistribution(ServedState state)
{
    private int _lookups;

    public ServedState State { get; } = state;

    /// <summary>Answers by path below the base path, true as long as the state is; <see cref="RememberedAnswers"/> fills them.</summary>
    public AnswerGenerations Answers { get; } = new();

    /// <summary>After how many look-ups it is worth asking how many files there are, or reading all of them.</summary>
    public long ReadAllAt { get; set; } = 64;

    /// <summary>Counts that a file was looked up; answers how many were.</summary>
    public int CountLookup() => Interlocked.Increment(ref _lookups);
}

/// <summary>Everything the answers depend on: when all of it is the same, they stay true.</summary>
internal sealed record ServedState
{
    public Guid PulpId { get; init; }

    public string PulpType { get; init; } = "";

    public string Name { get; init; } = "";

    public string BasePath { get; init; } = "";

    public bool Hidden { get; init; }

    public Guid? ContentGuardId { get; init; }

    public DateTimeOffset PulpLastUpdated { get; init; }

    /// <summary>The repository whose version is served.</summary>
    public Guid? RepositoryId { get; init; }

    public Guid? VersionId { get; init; }

    public long? VersionNumber { get; init; }

    public Guid? PublicationId { get; init; }

    public bool PassThrough { get; init; }

    /// <summary>Whether there is anything to serve: nothing was chosen yet, or what was chosen has no publication.</summary>
    public bool HasSource => VersionId is not null || PublicationId is not null;

    /// <summary>Counts removals of files, after which remembered files may be gone.</summary>
    public long Removals { get; init; }
}

/// <summary>An answer to a path: a closed family.</summary>
internal abstract record ServedAnswer
{
    private ServedAnswer() { }

    /// <summary>About how much memory it takes.</summary>
    public virtual long MemoryBytes => 64;

    /// <summary>A stored file.</summary>
    public sealed record File(string Path, long Size, string ETag, string MediaType, DateTimeOffset Modified)
        : ServedAnswer
    {
        /// <summary>The bytes of a small file that is asked for often; <see cref="SmallFiles"/> gives and takes them.</summary>
        public SmallFiles.Kept? Kept { get; set; }

        /// <summary>It came long enough ago to be surely before any clock's now.</summary>
        public bool IsSettled { get; set; }

        public string ModifiedText { get; } = Modified.ToString("R", null);

        public string SizeText { get; } = Size.ToString(System.Globalization.CultureInfo.InvariantCulture);

        // Its strings, of two bytes a character, and the objects around them.
        public override long MemoryBytes => (2 * (Path.Length + ETag.Length)) + 340;
    }

    /// <summary>A file that isn't here yet.</summary>
    public sealed record OnDemand(Guid ContentArtifact, string MediaType) : ServedAnswer;

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

    /// <summary>Nothing there.</summary>
    public sealed record NotFound : ServedAnswer
    {
        public static NotFound Instance { get; } = new();
    }
}
