namespace Pulp.Core.Repositories;

/// <summary>A version as lists and filters see it.</summary>
internal sealed record RepositoryVersionRecord : PulpResource
{
    [Field(
        "Number of the version.",
        ReadOnly = true,
        Filter = Lookups.Exact | Lookups.GreaterLess | Lookups.OrEqual | Lookups.Range
    )]
    public long Number { get; init; }

    [Field("Whether it is complete.", Internal = true)]
    public bool Complete { get; init; }
}

/// <summary>A version's row.</summary>
internal sealed record VersionRow
{
    public Guid PulpId { get; init; }

    public Guid RepositoryId { get; init; }

    public long Number { get; init; }

    public bool Complete { get; init; }

    /// <summary>As plugins get it.</summary>
    public RepositoryVersionRef ToRef() => new(PulpId, RepositoryId, Number);
}
