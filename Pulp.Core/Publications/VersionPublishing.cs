using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Publishes versions of repositories that want each of theirs published.</summary>
internal sealed class VersionPublishing(
    Database database,
    ResourceStore store,
    PluginCatalog plugins,
    RepositoryTypes types,
    PublicationBuilder writing,
    PublishDispatch dispatch
) : IVersionPublishing
{
    public async Task<Publication?> WantedAsync(Guid repository, CancellationToken cancellationToken)
    {
        var kind = await types.KindAsync(repository, cancellationToken);
        if (plugins.Repository(kind.Record)?.Autopublish is not { } wanted)
        {
            return null;
        }

        var found =
            (Repository?)await store.FindAsync(database, kind, Reach.Server, repository, cancellationToken)
            ?? throw new ConflictException("The repository is gone.");
        return wanted(found);
    }

    public Task<WrittenPublication> WriteAsync(
        Publication wanted,
        VersionRow version,
        ITaskContext task,
        CancellationToken cancellationToken
    ) => writing.WriteAsync(wanted, version, task, cancellationToken);

    public Task CompleteAsync(IDb tx, WrittenPublication publication, CancellationToken cancellationToken) =>
        PublicationBuilder.CompleteAsync(tx, publication, cancellationToken);

    public Task SendAsync(
        IDb tx,
        Publication wanted,
        VersionRow version,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var declaration =
            plugins.Publication(wanted.GetType())
            ?? throw new InvalidOperationException($"{wanted.GetType()} isn't declared as a kind of publication.");
        var args = PublishArgs.Wanted(version.PulpId, store.Registry.For(wanted.GetType()).Model);
        return dispatch.SendWithAsync(tx, declaration, version, args, origin, cancellationToken);
    }
}
