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
        var repository =
            (Repository?)
                await store.FindByMasterAsync(
                    database,
                    typeof(Repository),
                    Reach.Server,
                    builder.RepositoryId,
                    cancellationToken
                )
            ?? throw new ConflictException("The repository is gone.");
        var wanted = plugins.Repository(repository.GetType())?.Autopublish?.Invoke(repository);
        await RefreshStatisticsAsync(builder, cancellationToken);
        Guid? publication = null;
        if (wanted is not null && await builder.HasChangesAsync(database, cancellationToken))
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
            task.Created(versions.HrefOf(version, store.Registry.For(repository.GetType())), Versions.PrnOf(version));
            if (publication is { } id && wanted is not null)
            {
                var kind = store.Registry.For(wanted.GetType());
                task.Created(kind.Href(id), kind.Prn(id));
            }
        }

        return version;
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
