using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>
/// What an account may do at the registry. Of a distribution that is there its policy says so; what isn't there yet goes by permissions
/// everywhere, or on the namespace.
/// </summary>
internal sealed class RegistryRights(IAccess access, IResources resources, IRequestDomain domain)
{
    public async ValueTask<bool> MayPullAsync(
        Caller? caller,
        ContainerDistribution distribution,
        CancellationToken cancellationToken
    ) =>
        await access.MayAsync(caller, "pull", distribution, isSafe: true, cancellationToken)
        // Whoever pushes reads what is there already.
        || await MayPushAsync(caller, distribution, cancellationToken);

    public ValueTask<bool> MayPushAsync(
        Caller? caller,
        ContainerDistribution distribution,
        CancellationToken cancellationToken
    ) => access.MayAsync(caller, "push", distribution, isSafe: false, cancellationToken);

    /// <summary>Whether somebody may have a cache fetch what isn't here yet.</summary>
    public async ValueTask<bool> MayPullNewAsync(
        Caller? caller,
        ContainerPullThroughDistribution cache,
        CancellationToken cancellationToken
    ) =>
        caller is not null
        && (
            await access.MayAsync(caller, "pull_new_distribution", cache, isSafe: true, cancellationToken)
            || (
                cache.Namespace is { } id
                && await resources.FindAsync<ContainerNamespace>(id, cancellationToken) is { } space
                && await access.MayAsync(caller, "create_distribution", space, isSafe: true, cancellationToken)
            )
        );

    /// <summary>Whether somebody may ask for the catalog, which has what they may pull.</summary>
    public ValueTask<bool> MayListAsync(Caller? caller, CancellationToken cancellationToken) =>
        access.MayAsync<ContainerDistribution>(caller, "catalog", isSafe: true, cancellationToken);

    public Task<ContainerDistribution?> FindAsync(Guid distribution, CancellationToken cancellationToken) =>
        resources.FindAsync<ContainerDistribution>(distribution, cancellationToken);

    /// <summary>The cache that a distribution belongs to; null where it is gone.</summary>
    public Task<ContainerPullThroughDistribution?> CacheAsync(Guid id, CancellationToken cancellationToken) =>
        resources.FindAsync<ContainerPullThroughDistribution>(id, cancellationToken);

    /// <summary>Whether somebody may make a distribution of this name, which nobody has made yet.</summary>
    public async ValueTask<bool> MayCreateAsync(Caller? caller, string name, CancellationToken cancellationToken)
    {
        if (caller is null or { MayOnlyRead: true })
        {
            return false;
        }

        var ofName = ImageName.NamespaceOf(domain.BasePathOf(name));
        if (
            ofName == caller.Username
            || await access.HoldsAsync(caller, "container.add_containernamespace", on: null, cancellationToken)
            || await access.HoldsAsync(caller, "container.add_containerdistribution", on: null, cancellationToken)
        )
        {
            return true;
        }

        return await resources.FindAsync<ContainerNamespace>($"m.name = {ofName}", cancellationToken) is [var space]
            && await access.MayAsync(caller, "create_distribution", space, isSafe: false, cancellationToken);
    }
}
