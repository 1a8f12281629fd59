using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Repositories;

namespace PulpContainer.Registry;

/// <summary>
/// What an account may do at the registry, as policies say: that of the distribution where it is there, otherwise those of its namespace and
/// of creating one.
/// </summary>
internal sealed class RegistryRights(
    IAccess access,
    IResources resources,
    IRequestDomain domain,
    ImageRepositories repositories
)
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

    /// <summary>
    /// Whether somebody may make a distribution of this name, which nobody has made yet. Where its namespace isn't there either, both have
    /// to be allowed; where it is, either its policy lets them or that of distributions, as of requests to the API. A repository that is
    /// there already is somebody's: it is served and pushed to by those who may change what is in it.
    /// </summary>
    public async ValueTask<bool> MayCreateAsync(Caller? caller, string name, CancellationToken cancellationToken)
    {
        if (caller is null)
        {
            return false;
        }

        var path = domain.BasePathOf(name);
        var ofName = ImageName.NamespaceOf(path);
        var repository = await repositories.UnservedAsync(path, cancellationToken);
        if (repository is not null && !await MayFillAsync(caller, repository, cancellationToken))
        {
            return false;
        }

        var wanted = new ContainerDistribution
        {
            Name = path,
            BasePath = path,
            Repository = repository?.PulpId,
        };
        if (await resources.FindAsync<ContainerNamespace>($"m.name = {ofName}", cancellationToken) is not [var space])
        {
            return await access.MayCreateAsync(caller, new ContainerNamespace { Name = ofName }, cancellationToken)
                && await access.MayCreateAsync(caller, wanted, cancellationToken);
        }

        return await access.MayAsync(caller, "create_distribution", space, isSafe: false, cancellationToken)
            || await access.MayCreateAsync(caller, wanted, cancellationToken);
    }

    private async ValueTask<bool> MayFillAsync(
        Caller caller,
        ContainerRepository repository,
        CancellationToken cancellationToken
    ) => await access.MayAsync(caller, "add", repository, isSafe: false, cancellationToken);
}
