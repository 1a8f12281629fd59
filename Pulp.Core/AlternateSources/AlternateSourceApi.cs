using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.AlternateSources;

/// <summary>Refreshes alternate content sources: one task for each path, in a group.</summary>
internal sealed class AlternateSourceApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    PluginCatalog plugins,
    Versions versions,
    TaskDispatcher dispatcher,
    TaskGroups groups,
    IOwnership ownership
)
{
    public void Map(ResourceKind kind, AlternateSourceDeclaration declaration) =>
        operations.Add(
            kind.Verb(
                "POST",
                "refresh",
                kind.Rule("refresh"),
                "Refresh metadata",
                request => RefreshAsync(request, kind, declaration)
            ) with
            {
                Responses = ResourceApi.Ok(202, "TaskGroupOperationResponse"),
            }
        );

    private async Task RefreshAsync(AdmittedRequest request, ResourceKind kind, AlternateSourceDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        var source =
            (AlternateContentSource?)await store.FindAsync(database, kind, request.Reach, request.Id, cancellationToken)
            ?? throw ResourceChanges.NotFound(kind);
        var remote =
            (Remote?)
                await store.FindByMasterAsync(
                    database,
                    typeof(Remote),
                    request.WholeReach,
                    source.Remote,
                    cancellationToken
                )
            ?? throw ResourceChanges.NotFound(kind);
        var paths = await database.QueryAsync<PathRow>(
            $"select pulp_id, path, repository_id from core_alternatecontentsourcepath where source_id = {source.PulpId} order by path",
            cancellationToken
        );
        var task = plugins.Repository(declaration.Repository)?.SyncTask ?? throw ResourceChanges.NotFound(kind);
        var group = await groups.SendAsync(
            request.Reach.Domain,
            $"Refreshing {paths.Count} alternate content source path(s).",
            SendAllAsync,
            cancellationToken
        );
        await request.Response.TaskGroupAsync(group);

        async Task SendAllAsync(Guid group, CancellationToken token)
        {
            foreach (var path in paths)
            {
                var repository =
                    path.RepositoryId
                    ?? await CreateRepositoryAsync(source, path, declaration, Unowned(request), token);
                var url =
                    path.Path.Length == 0
                        ? remote.Url
                        : UpstreamUrl.Below(remote.Url.TrimEnd('/') + "/", path.Path.TrimEnd('/'))
                            + (path.Path.EndsWith('/') ? "/" : "");
                await dispatcher.SendAsync(
                    task,
                    new SyncArgs(repository, remote.PulpId, Mirror: true, Optimize: true, url, source.PulpId),
                    new DispatchOptions { Group = group }
                        .Exclusive(registry.For(declaration.Repository).Prn(repository))
                        .Shared(registry.Prn(remote))
                        .Shared(kind.Prn(source.PulpId)),
                    request.Origin,
                    token
                );
            }
        }
    }

    /// <summary>Its repositories are the server's own: users neither see nor own them.</summary>
    private static Reach Unowned(AdmittedRequest request) => Reach.Of(request.Reach.Scope, userId: null);

    private Task<Guid> CreateRepositoryAsync(
        AlternateContentSource source,
        PathRow path,
        AlternateSourceDeclaration declaration,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        var kind = registry.For(declaration.Repository);
        return database.InTransactionAsync(
            async tx =>
            {
                var values = new FieldValues();
                values[kind.FieldOf(nameof(Repository.Name))] = $"{source.Name}--{path.PulpId}--repository";
                values[kind.FieldOf(nameof(Repository.RetainRepoVersions))] = 1L;
                values[kind.FieldOf(nameof(Repository.UserHidden))] = true;
                var made = await store.InsertAsync(tx, kind, reach, values, cancellationToken);
                // Whatever the policy's hooks say: nobody sees it.
                await ownership.DeletedAsync(tx, kind, made, cancellationToken);
                var id = made.Id;
                await versions.CreateFirstAsync(tx, id, cancellationToken);
                await tx.ExecuteAsync(
                    $"update core_alternatecontentsourcepath set repository_id = {id} where pulp_id = {path.PulpId}",
                    cancellationToken
                );
                return id;
            },
            cancellationToken
        );
    }

    private sealed record PathRow
    {
        public Guid PulpId { get; init; }

        public string Path { get; init; } = "";

        public Guid? RepositoryId { get; init; }
    }
}
