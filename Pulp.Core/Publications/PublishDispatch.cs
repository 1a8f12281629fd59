using System.Text.Json;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Sends the task that publishes a version, for a request and for a plugin.</summary>
internal sealed class PublishDispatch(
    Database database,
    ResourceRegistry registry,
    PluginCatalog plugins,
    RepositoryTypes types,
    Versions versions,
    TaskDispatcher dispatcher
)
{
    /// <exception cref="NotFoundException">There is no such version within reach.</exception>
    public async Task<Guid> SendAsync(
        Guid version,
        Publication publication,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var kind = registry.For(publication.GetType());
        var declaration =
            plugins.Publication(kind.Record)
            ?? throw new InvalidOperationException($"{kind.ModelName} isn't declared as a kind of publication.");
        var row = await versions.FindAsync(database, version, cancellationToken);
        if (row is null || !await IsReachableAsync(row, origin.Reach, cancellationToken))
        {
            throw new NotFoundException("No RepositoryVersion matches the given query.");
        }

        var args = new PublishArgs(row.PulpId, kind.Model, Body: null)
        {
            Record = JsonSerializer.Serialize(publication, kind.Record),
        };
        return await SendAsync(declaration, row, args, origin, cancellationToken);
    }

    public async Task<Guid> SendAsync(
        PublicationDeclaration declaration,
        VersionRow version,
        PublishArgs args,
        TaskOrigin origin,
        CancellationToken cancellationToken
    ) =>
        await dispatcher.SendAsync(
            declaration.Task ?? "",
            args,
            await OptionsAsync(version, cancellationToken),
            origin,
            cancellationToken
        );

    /// <summary>The same as part of the transaction that completes the version.</summary>
    public async Task SendWithAsync(
        IDb tx,
        PublicationDeclaration declaration,
        VersionRow version,
        PublishArgs args,
        TaskOrigin origin,
        CancellationToken cancellationToken
    ) =>
        await dispatcher.SendWithAsync(
            tx,
            declaration.Task ?? "",
            args,
            await OptionsAsync(version, cancellationToken),
            origin,
            cancellationToken
        );

    /// <summary>Nobody changes the repository meanwhile.</summary>
    private async Task<DispatchOptions> OptionsAsync(VersionRow version, CancellationToken cancellationToken) =>
        new DispatchOptions().Shared(
            (await types.KindAsync(version.RepositoryId, cancellationToken)).Prn(version.RepositoryId)
        );

    private async Task<bool> IsReachableAsync(VersionRow version, Reach reach, CancellationToken cancellationToken) =>
        version.Complete && (await types.FindAsync(version.RepositoryId, cancellationToken))?.Domain == reach.Domain;
}
