using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Shows plugins what is served.</summary>
internal sealed class ServedDistributions(
    DistributionTable table,
    ResourceStore store,
    Database database,
    RememberedAnswers remembered,
    UnitReader units,
    IHostApplicationLifetime lifetime
) : IServed
{
    public async ValueTask<ServedPath<T>?> FindAsync<T>(string path, CancellationToken cancellationToken)
        where T : Distribution
    {
        var loaded = await table.CurrentAsync(cancellationToken);
        return
            loaded.Find(path, out var rest) is { } distribution
            && await ViewAsync(distribution, cancellationToken) is { Distribution: T record } view
            ? new ServedPath<T>
            {
                Distribution = record,
                Served = view,
                Rest = rest < path.Length ? path[(rest + 1)..] : "",
            }
            : null;
    }

    public async ValueTask<IReadOnlyList<string>> PathsAsync(
        IReadOnlyCollection<Guid> distributions,
        CancellationToken cancellationToken
    )
    {
        var loaded = await table.CurrentAsync(cancellationToken);
        var wanted = distributions.ToHashSet();
        return
        [
            .. loaded
                .Places.Values.Select(p => p.Distribution.State)
                .Where(s => wanted.Contains(s.PulpId))
                .Select(s => s.Path)
                .Distinct(),
        ];
    }

    /// <summary>A distribution with its record; null when it was removed meanwhile, or its plugin is gone.</summary>
    public ValueTask<DistributionView?> ViewAsync(
        ServedDistribution distribution,
        CancellationToken cancellationToken
    ) =>
        distribution.View is { } view
            ? ValueTask.FromResult<DistributionView?>(view)
            : new ValueTask<DistributionView?>(ReadAsync(distribution, cancellationToken));

    private async Task<DistributionView?> ReadAsync(
        ServedDistribution distribution,
        CancellationToken cancellationToken
    )
    {
        var (id, type) = (distribution.State.PulpId, distribution.State.PulpType);
        if (!store.Registry.TryType(MasterTables.Of(typeof(Distribution)), type, out var kind))
        {
            return null;
        }

        var record =
            distribution.Record
            ?? (Distribution?)await store.FindAsync(database, kind, Reach.Server, id, cancellationToken);
        if (record is null)
        {
            return null;
        }

        var values = new RememberedValues(distribution, remembered, lifetime.ApplicationStopping);
        return distribution.Show(new DistributionView(distribution, record, values, units, database));
    }
}
