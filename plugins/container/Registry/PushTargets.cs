using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Repositories;

namespace PulpContainer.Registry;

/// <summary>Where pushes go: the repository of the distribution of that name. Both are made by the first push.</summary>
internal sealed class PushTargets(IServed served, RegistryGate gate, IResources resources)
{
    private const int MostAttempts = 3;

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
        return distribution is null ? await MakeAsync(name, context.RequestAborted) : RepositoryOf(distribution);
    }

    private async Task<ContainerDistribution?> DistributionAsync(HttpContext context, string name) =>
        await served.FindAsync<ContainerDistribution>(name, context.RequestAborted) is { Rest.Length: 0 } found
            ? found.Distribution
            : null;

    private static Guid RepositoryOf(ContainerDistribution distribution) =>
        distribution.Repository
        ?? throw RegistryError.Unsupported("A fixed version is served here: nothing can be pushed to it.");

    private async Task<Guid> MakeAsync(string name, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryMakeAsync(name, cancellationToken);
            }
            catch (PulpException error) when (error.Status is 400 or 409)
            {
                // Another push may have been faster, with both or with the repository alone.
                var made = await resources.FindAsync<ContainerDistribution>($"m.base_path = {name}", cancellationToken);
                if (made is [{ Repository: { } repository }])
                {
                    return repository;
                }

                if (attempt == MostAttempts)
                {
                    throw RegistryError.NameInvalid(error.Message);
                }
            }
        }
    }

    private async Task<Guid> TryMakeAsync(string name, CancellationToken cancellationToken)
    {
        var repository = await RepositoryAsync(name, cancellationToken);
        await resources.CreateAsync(
            new ContainerDistribution
            {
                Name = name,
                BasePath = name,
                Repository = repository,
            },
            cancellationToken
        );
        return repository;
    }

    /// <summary>The repository of that name, or a new one. One that is served elsewhere isn't taken: it is somebody's.</summary>
    private async Task<Guid> RepositoryAsync(string name, CancellationToken cancellationToken)
    {
        var there = await resources.FindAsync<ContainerRepository>(
            $"m.name = {name} and not exists (select 1 from core_distribution x where x.repository_id = m.pulp_id)",
            cancellationToken
        );
        return there is [var repository]
            ? repository.PulpId
            : (await resources.CreateAsync(new ContainerRepository { Name = name }, cancellationToken)).PulpId;
    }
}
