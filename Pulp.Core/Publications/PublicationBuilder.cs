using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Makes publications: the row, then what the plugin's publisher writes, invisible until completed.</summary>
internal sealed class PublicationBuilder(
    Database database,
    ResourceStore store,
    PluginCatalog plugins,
    ArtifactStore artifacts,
    FileStorage storage,
    IServiceProvider services
) : ITaskLeftovers
{
    /// <summary>Writes a publication of a version, which may itself be unfinished.</summary>
    public async Task<WrittenPublication> WriteAsync(
        Publication publication,
        VersionRow version,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var kind = store.Registry.For(publication.GetType());
        var reach = TaskContext.Of(task).Reach;
        var values = new FieldValues();
        // Its key and its moments are given to it when it is stored.
        string[] given =
        [
            nameof(PulpResource.PulpId),
            nameof(PulpResource.PulpCreated),
            nameof(PulpResource.PulpLastUpdated),
        ];
        foreach (var field in kind.Fields.Where(f => !given.Contains(f.PropertyName)))
        {
            values[field] = field.Get(publication);
        }

        values[kind.FieldOf(nameof(Publication.RepositoryVersionId))] = version.PulpId;
        values[kind.FieldOf(nameof(Publication.Complete))] = false;
        var id = await database.InTransactionAsync(
            async tx =>
            {
                var made = await store.InsertAsync(tx, kind, reach, values, cancellationToken);
                await tx.ExecuteAsync(
                    $"update core_publication set task_id = {task.TaskId} where pulp_id = {made.Id}",
                    cancellationToken
                );
                return made.Id;
            },
            cancellationToken
        );
        var stored =
            (Publication?)await store.FindAsync(database, kind, reach.WithHidden(), id, cancellationToken)
            ?? publication;
        var write =
            plugins.Publication(publication.GetType())?.Write
            ?? throw new ConflictException($"{kind.ModelName} can't be published.");
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestOrigin>().Value = TaskContext.Of(task).ChildOrigin;
        var writer = new PublicationWriter(database, store, artifacts, storage, reach.Domain, id, version);
        await write(scope.ServiceProvider, stored, writer, cancellationToken);
        return new WrittenPublication(id, writer.PassesThrough);
    }

    /// <summary>Makes it visible, in the caller's transaction.</summary>
    public static async Task CompleteAsync(
        IDb tx,
        WrittenPublication publication,
        CancellationToken cancellationToken
    ) =>
        await tx.ExecuteAsync(
            $"""
            update core_publication set complete = {true}, pass_through = {publication.PassesThrough}, task_id = null
             where pulp_id = {publication.Id}
            """,
            cancellationToken
        );

    public async Task RemoveAsync(IDb tx, Guid taskId, CancellationToken cancellationToken) =>
        await tx.ExecuteAsync(
            $"delete from core_publication where task_id = {taskId} and complete = {false}",
            cancellationToken
        );
}
