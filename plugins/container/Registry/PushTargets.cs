using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Repositories;

namespace PulpContainer.Registry;

/// <summary>Where pushes go: the repository of the distribution of that name. Both are made by the first push.</summary>
internal sealed class PushTargets(
    IServed served,
    IRequestDomain domain,
    RegistryGate gate,
    ImageRepositories repositories
)
{
    /// <summary>The repository of a name that is there already.</summary>
    public async Task<Guid> FindAsync(HttpContext context, string name)
    {
        var distribution = await DistributionAsync(context, name);
        await gate.AdmitToPushAsync(context, name, distribution);
        return RepositoryOf(distribution ?? throw RegistryError.NameUnknown());
    }

    /// <summary>The same, made where it isn't there.</summary>
    public async Task<Guid> FindOrMakeAsync(HttpContext context, string name)
    {
        if (!ImageName.IsName(name))
        {
            throw RegistryError.NameInvalid("Names have small letters and digits, in parts with a slash between.");
        }

        var distribution = await DistributionAsync(context, name);
        await gate.AdmitToPushAsync(context, name, distribution);
        if (distribution is { PullThrough: not null } || await IsBelowCacheAsync(context, name))
        {
            throw OfCache();
        }

        if (distribution is not null)
        {
            return RepositoryOf(distribution);
        }

        var basePath = domain.BasePathOf(name);
        var (made, repository, isNew) = await repositories.MakeAsync(
            new ContainerDistribution { Name = basePath, BasePath = basePath },
            context.RequestAborted
        );
        if (isNew)
        {
            return repository;
        }

        // Somebody was faster, or another process, of which this one hasn't heard yet.
        await gate.AdmitToPushAsync(context, name, made);
        return made.PullThrough is null ? repository : throw OfCache();
    }

    private static RegistryError OfCache() =>
        RegistryError.Unsupported("This is a cache of another registry: nothing can be pushed to it.");

    private async Task<ContainerDistribution?> DistributionAsync(HttpContext context, string name) =>
        await served.FindAsync<ContainerDistribution>(name, context.RequestAborted) is { Rest.Length: 0 } found
            ? found.Distribution
            : null;

    private async Task<bool> IsBelowCacheAsync(HttpContext context, string name) =>
        await served.FindAsync<ContainerPullThroughDistribution>(name, context.RequestAborted) is not null;

    private static Guid RepositoryOf(ContainerDistribution distribution) =>
        distribution.Repository
        ?? throw RegistryError.Unsupported("A fixed version is served here: nothing can be pushed to it.");
}
