using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Resources;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Registry;

namespace PulpContainer.Repositories;

/// <summary>
/// Makes repositories, the distributions that serve them and their namespaces, for what is pushed first or pulled through a cache.
/// </summary>
internal sealed class ImageRepositories(IResources resources)
{
    private const int MostAttempts = 3;

    /// <summary>
    /// The distribution of a name, which is made with its namespace and its repository where it isn't there: as resources of the
    /// caller's, who gets the roles of whoever creates them. Somebody else may have made it meanwhile, with rights of its own: then
    /// <c>IsNew</c> is false.
    /// </summary>
    /// <param name="wanted">The distribution, but for its repository.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="RegistryError">It can't be made.</exception>
    public async Task<(ContainerDistribution Distribution, Guid Repository, bool IsNew)> MakeAsync(
        ContainerDistribution wanted,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var repository = await UnservedAsync(wanted.Name, cancellationToken);
                var image =
                    repository ?? new ContainerRepository { PulpId = Guid.CreateVersion7(), Name = wanted.Name };
                var created = wanted with { Repository = image.PulpId };
                var space = await NewNamespaceAsync(wanted.BasePath, cancellationToken);
                await resources.CreateAllAsync(
                    [.. space, .. repository is null ? [image] : (PulpResource[])[], created],
                    cancellationToken
                );
                return (created, image.PulpId, IsNew: true);
            }
            catch (PulpException error) when (error.Status is 400 or 409)
            {
                // Another request may have been faster, with all of them, or with the namespace or the repository alone.
                var made = await resources.FindAsync<ContainerDistribution>(
                    $"m.base_path = {wanted.BasePath}",
                    cancellationToken
                );
                if (made is [{ Repository: { } repository } other])
                {
                    return (other, repository, IsNew: false);
                }

                if (attempt == MostAttempts)
                {
                    throw RegistryError.NameInvalid(error.Message);
                }
            }
        }
    }

    private async Task<PulpResource[]> NewNamespaceAsync(string basePath, CancellationToken cancellationToken)
    {
        var name = ImageName.NamespaceOf(basePath);
        return await resources.FindAsync<ContainerNamespace>($"m.name = {name}", cancellationToken) is []
            ? [new ContainerNamespace { Name = name }]
            : [];
    }

    /// <summary>The repository of that name; null where there is none. One that is served elsewhere isn't taken: it is somebody's.</summary>
    public async Task<ContainerRepository?> UnservedAsync(string name, CancellationToken cancellationToken) =>
        await resources.FindAsync<ContainerRepository>(
            $"m.name = {name} and not exists (select 1 from core_distribution x where x.repository_id = m.pulp_id)",
            cancellationToken
        )
            is [var repository]
            ? repository
            : null;
}
