using System.Text.Json;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Sync;

/// <summary>Sends the task that syncs a repository, for a request and for a plugin.</summary>
internal sealed class SyncDispatch(
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    PluginCatalog plugins,
    TaskDispatcher dispatcher
)
{
    /// <exception cref="NotFoundException">There is no such repository within reach.</exception>
    /// <exception cref="ValidationException">It can't be synced, or not from there.</exception>
    public async Task<Guid> SendAsync(
        Guid repository,
        SyncRequest sync,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var found =
            (Repository?)
                await store.FindByMasterAsync(
                    database,
                    typeof(Repository),
                    origin.Reach.WithHidden(),
                    repository,
                    cancellationToken
                )
            ?? throw new NotFoundException("No Repository matches the given query.");
        return
            plugins.Repository(found.GetType()) is { SyncTask: not null } declaration
            && sync.Options?.GetType() is var options
            && (options is null || options == SyncTask.OptionsTypeOf(declaration))
            ? await SendAsync(declaration, found, sync, new ValidationErrors(), origin, cancellationToken)
            : throw new ValidationException("repository", "This type of repository can't be synced like this.");
    }

    /// <param name="declaration">The repository's kind.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="sync">What is asked for.</param>
    /// <param name="errors">What is wrong with the request already.</param>
    /// <param name="origin">Who asks.</param>
    /// <param name="cancellationToken">Stops it before the task is stored.</param>
    /// <exception cref="ValidationException">Something is wrong.</exception>
    public async Task<Guid> SendAsync(
        RepositoryDeclaration declaration,
        Repository repository,
        SyncRequest sync,
        ValidationErrors errors,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var remote = sync.Remote ?? repository.Remote;
        if (remote is null && !errors.Has("remote"))
        {
            errors.Add("remote", "This field is required since a remote is not set on the repository.");
        }

        var source =
            remote is { } given && errors.IsEmpty
                ? await store.FindByMasterAsync(database, typeof(Remote), origin.Reach, given, cancellationToken)
                : null;
        if (errors.IsEmpty && !SyncTask.RemoteTypeOf(declaration).IsInstanceOfType(source))
        {
            errors.Add("remote", "This type of remote can't be used with this type of repository.");
        }

        errors.ThrowIfAny();
        var from = source ?? throw new InvalidOperationException("The sync has no remote.");
        return await dispatcher.SendAsync(
            declaration.SyncTask ?? "",
            new SyncArgs(repository.PulpId, from.PulpId, sync.Mirror, sync.Optimize, null, null)
            {
                Options = sync.Options is { } options ? JsonSerializer.Serialize(options, options.GetType()) : null,
            },
            new DispatchOptions().Exclusive(registry.Prn(repository)).Shared(registry.Prn(from)),
            origin,
            cancellationToken
        );
    }
}
