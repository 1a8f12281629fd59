using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;

namespace PulpContainer.Repositories;

/// <summary>The version that is copied from: a repository's latest, or one that is named.</summary>
internal static class CopySource
{
    /// <exception cref="ValidationException">Not exactly one source is named, or it isn't there.</exception>
    public static async Task<RepositoryVersionRef> FindAsync<TBody>(
        ActionRequest<ContainerRepository, TBody> request,
        Guid? repository,
        Guid? version,
        CancellationToken cancellationToken
    )
    {
        if (repository is null == version is null)
        {
            throw new ValidationException(
                "non_field_errors",
                "Either 'source_repository' or 'source_repository_version' has to be given."
            );
        }

        var found = repository is { } latestOf
            ? await request.Services.GetRequiredService<IRepositoryVersions>().LatestAsync(latestOf, cancellationToken)
            : await VersionAsync(request, version, cancellationToken);
        return found ?? throw new ValidationException("source_repository", "It has no version to copy from.");
    }

    private static async Task<RepositoryVersionRef?> VersionAsync<TBody>(
        ActionRequest<ContainerRepository, TBody> request,
        Guid? version,
        CancellationToken cancellationToken
    )
    {
        var row = await request.Db.FirstOrDefaultAsync<Row>(
            $"select pulp_id, repository_id, number from core_repositoryversion where pulp_id = {version}",
            cancellationToken
        );
        return row is null ? null : new RepositoryVersionRef(row.PulpId, row.RepositoryId, row.Number);
    }

    private sealed record Row
    {
        public Guid PulpId { get; init; }

        public Guid RepositoryId { get; init; }

        public long Number { get; init; }
    }
}
