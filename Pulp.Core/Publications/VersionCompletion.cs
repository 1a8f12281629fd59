using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Completes a version together with the publication that its repository wants of each: both appear, or neither.</summary>
internal sealed class VersionCompletion(
    Database database,
    ResourceStore store,
    PluginCatalog plugins,
    PublicationWriting writing,
    VersionPreparation preparation,
    Versions versions
)
{
    private const long ManyUnits = 5_000;

    public async Task<VersionRow?> CompleteAsync(
        VersionBuilder builder,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var wanted = await WantedAsync(builder.RepositoryId, cancellationToken);
        await preparation.PrepareAsync(builder, cancellationToken);
        await RefreshStatisticsAsync(builder, cancellationToken);
        Guid? publication = null;
        if (wanted is not null && await builder.HasChangesAsync(cancellationToken))
        {
            var row = new VersionRow
            {
                PulpId = builder.VersionId,
                RepositoryId = builder.RepositoryId,
                Number = builder.Number,
            };
            publication = await writing.WriteAsync(wanted, row, task, cancellationToken);
        }

        var version = await builder.CompleteAsync(
            publication is { } made ? tx => PublicationWriting.CompleteAsync(tx, made, cancellationToken) : null,
            cancellationToken
        );
        if (version is not null)
        {
            task.Created(
                versions.HrefOf(version, store.Registry.ForType("core_repository", builder.RepositoryType)),
                Versions.PrnOf(version)
            );
            if (publication is { } id && wanted is not null)
            {
                var kind = store.Registry.For(wanted.GetType());
                task.Created(kind.Href(id), kind.Prn(id));
            }
        }

        return version;
    }

    /// <summary>The publication that a repository wants of each of its versions; null for none.</summary>
    public async Task<Publication?> WantedAsync(Guid repositoryId, CancellationToken cancellationToken)
    {
        var repository =
            (Repository?)
                await store.FindByMasterAsync(
                    database,
                    typeof(Repository),
                    Reach.Server,
                    repositoryId,
                    cancellationToken
                )
            ?? throw new ConflictException("The repository is gone.");
        return plugins.Repository(repository.GetType())?.Autopublish?.Invoke(repository);
    }

    private async Task RefreshStatisticsAsync(VersionBuilder builder, CancellationToken cancellationToken)
    {
        var added = await database.FirstOrDefaultAsync<long>(
            $"""
            select count(*) from (select 1 as one from core_repositorycontent
                                   where repository_id = {builder.RepositoryId} and version_added = {builder.Number}
                                   limit {ManyUnits}) x
            """,
            cancellationToken
        );
        if (added == ManyUnits)
        {
            await database.RefreshStatisticsAsync(cancellationToken);
        }
    }
}
