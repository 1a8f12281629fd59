using Pulp.Core.Repositories;
using Pulp.Core.Units;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>A served distribution as plugins see it.</summary>
internal sealed class DistributionView(
    ServedDistribution served,
    Distribution record,
    RememberedValues values,
    UnitReader units,
    Database database
) : IServedDistribution
{
    public ServedDistribution Served => served;

    public Distribution Distribution => record;

    public string Path => served.State.Path;

    public RepositoryVersionRef? Version { get; } =
        served.State is { VersionId: { } id, RepositoryId: { } repository, VersionNumber: { } number }
            ? new RepositoryVersionRef(id, repository, number)
            : null;

    public Guid? Publication => served.State.PublicationId;

    public IAsyncEnumerable<T> ContentAsync<T>(SqlText? where, CancellationToken cancellationToken)
        where T : Content =>
        Version is { } version
            ? units.ReadAsync<T>(
                database,
                VersionUnits.Among(version.RepositoryId, version.Number, isNarrowed: where is not null),
                where,
                cancellationToken
            )
            : AsyncEnumerable.Empty<T>();

    public ValueTask<T> RememberAsync<T>(
        string key,
        Func<CancellationToken, Task<(T Value, long Bytes)>> make,
        CancellationToken cancellationToken
    ) => values.RememberAsync(key, make, cancellationToken);
}
