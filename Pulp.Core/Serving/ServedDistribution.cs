using Pulp.Core.Guards;
using Pulp.Core.Plugins;

namespace Pulp.Core.Serving;

/// <summary>What a distribution serves at this moment, with the answers that were found below it so far.</summary>
/// <param name="state">What it serves.</param>
/// <param name="kind">Its kind; null where its plugin is gone.</param>
/// <param name="record">The plugin's own record, where it is known already.</param>
internal sealed class ServedDistribution(
    ServedState state,
    DistributionDeclaration? kind = null,
    Distribution? record = null
)
{
    private int _lookups;
    private DistributionView? _view;

    public ServedState State { get; } = state;

    /// <summary>Who is asked before the default; null when there is nobody.</summary>
    public Type? Handler { get; } = kind?.Handler;

    /// <summary>The plugin's own record, as far as it was read: by somebody who wants to see it, in this state or one before.</summary>
    public Distribution? Record => View?.Distribution ?? record;

    /// <summary>Others may have base paths below its own.</summary>
    public bool IsAbove { get; } = kind is { Above.Count: > 0 };

    /// <summary>How plugins see it; null until one wants to.</summary>
    public DistributionView? View => Volatile.Read(ref _view);

    /// <summary>Answers by path below the base path, true as long as the state is; <see cref="RememberedAnswers"/> fills them.</summary>
    public AnswerGenerations Answers { get; } = new();

    /// <summary>After how many look-ups it is worth asking how many files there are, or reading all of them.</summary>
    public long ReadAllAt { get; set; } = 64;

    /// <summary>The first one counts: whoever makes a value in it makes it for all.</summary>
    public DistributionView Show(DistributionView view) => Interlocked.CompareExchange(ref _view, view, null) ?? view;

    /// <summary>Counts that a file was looked up; answers how many were.</summary>
    public int CountLookup() => Interlocked.Increment(ref _lookups);
}

/// <summary>Everything the answers depend on: when all of it is the same, they stay true.</summary>
internal sealed record ServedState
{
    public Guid PulpId { get; init; }

    public string PulpType { get; init; } = "";

    public string Name { get; init; } = "";

    public Guid PulpDomainId { get; init; }

    public string BasePath { get; init; } = "";

    /// <summary>The base path behind the domain, where addresses name domains.</summary>
    public string Path { get; init; } = "";

    public bool Hidden { get; init; }

    public Guid? ContentGuardId { get; init; }

    /// <summary>The guard as it is configured; null where there is none, or nobody here knows it.</summary>
    public ServedGuard? Guard { get; init; }

    public DateTimeOffset PulpLastUpdated { get; init; }

    /// <summary>The repository whose version is served.</summary>
    public Guid? RepositoryId { get; init; }

    public Guid? VersionId { get; init; }

    public long? VersionNumber { get; init; }

    public Guid? PublicationId { get; init; }

    public bool PassThrough { get; init; }

    /// <summary>When the repository, or something below it, was changed last: what it lets through may be something else.</summary>
    public DateTimeOffset? RepositoryChanged { get; init; }

    /// <summary>When the remote that the distribution itself names was changed last.</summary>
    public DateTimeOffset? RemoteChanged { get; init; }

    /// <summary>Whether it is the same but for the version or publication: what the distribution's own record says stays true.</summary>
    public bool HasRecordOf(ServedState other) => WithoutSource == other.WithoutSource;

    private ServedState WithoutSource =>
        this with
        {
            VersionId = null,
            VersionNumber = null,
            PublicationId = null,
            PassThrough = false,
            RepositoryChanged = null,
        };

    /// <summary>Whether there is anything to serve: nothing was chosen yet, or what was chosen has no publication.</summary>
    public bool HasSource => VersionId is not null || PublicationId is not null;

    /// <summary>Counts removals of files, after which remembered files may be gone.</summary>
    public long Removals { get; init; }
}
