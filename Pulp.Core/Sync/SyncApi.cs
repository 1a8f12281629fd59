using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Sync;

/// <summary>The syncs of those kinds of repositories that have a plan for it.</summary>
internal sealed class SyncApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    References references,
    FieldBinder binder,
    PluginCatalog plugins,
    SyncDispatch syncs
) : IOperations
{
    public void Map()
    {
        operations.Schema("RepositorySyncURL", Schemas.Of(SyncMembers()));
        foreach (var declaration in plugins.Plugins.SelectMany(p => p.Repositories).Where(r => r.SyncTask is not null))
        {
            Map(registry.For(declaration.Record), declaration);
        }
    }

    private void Map(ResourceKind kind, RepositoryDeclaration declaration)
    {
        var options = OptionsKind(kind, declaration);
        if (options is not null)
        {
            operations.Schema(options.SchemaName, ResourceSchemas.Request(options, partial: false));
        }

        operations.Add(
            RepositoryApi.Action(
                kind,
                "sync",
                options?.SchemaName ?? "RepositorySyncURL",
                request => SyncAsync(request, kind, declaration, options)
            )
        );
    }

    private static IEnumerable<(string Name, System.Text.Json.Nodes.JsonObject Schema)> SyncMembers() =>
        [
            ("remote", Schemas.Uri()),
            ("mirror", Schemas.Boolean()),
            ("optimize", Schemas.Boolean("Whether an unchanged upstream is skipped.")),
        ];

    /// <summary>The options that the plan's requests carry, read and documented as any body.</summary>
    private static ResourceKind? OptionsKind(ResourceKind kind, RepositoryDeclaration declaration)
    {
        if (SyncTask.OptionsTypeOf(declaration) is not { } record)
        {
            return null;
        }

        var options = ResourceKind.OfBody(kind.AppLabel, record);
        options.ExtraInputs.AddRange(SyncMembers());
        return options;
    }

    private async Task SyncAsync(
        AdmittedRequest request,
        ResourceKind kind,
        RepositoryDeclaration declaration,
        ResourceKind? optionsKind
    )
    {
        var cancellationToken = request.RequestAborted;
        var repository =
            (Repository?)await store.FindAsync(database, kind, request.Reach, request.Id, cancellationToken)
            ?? throw ResourceChanges.NotFound(kind);
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        string[] members = [.. SyncMembers().Select(m => m.Name)];
        FieldValues? options = null;
        if (optionsKind is null)
        {
            RequestFields.RefuseUnknown(body, members, errors);
        }
        else
        {
            options = await binder.BindAsync(
                optionsKind,
                body,
                BindMode.Create,
                members,
                request.Reach,
                errors,
                cancellationToken
            );
        }

        var remote = await RequestFields.ReferenceAsync(
            body,
            "remote",
            typeof(Remote),
            references,
            request.Reach,
            errors,
            cancellationToken
        );
        var sync = new SyncRequest
        {
            Remote = remote,
            Mirror = RequestFields.Boolean(body, "mirror", otherwise: false, errors),
            Optimize = RequestFields.Boolean(body, "optimize", otherwise: true, errors),
            Options = optionsKind is null ? null : options?.ToRecord<object>(optionsKind),
        };
        await request.Response.TaskAsync(
            await syncs.SendAsync(declaration, repository, sync, errors, request.Origin, cancellationToken)
        );
    }
}
