using Pulp.Core.Access;
using Pulp.Core.Contents;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>What repositories have beside the usual operations: modify and sync.</summary>
internal sealed class RepositoryApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    References references,
    FieldBinder binder,
    SyncDispatch syncs,
    TaskDispatcher dispatcher,
    RepositoryKeys keys,
    TimeProvider clock
)
{
    public void Map(ResourceKind kind, RepositoryDeclaration declaration)
    {
        operations.Schema(
            "RepositoryAddRemoveContent",
            Schemas.Of([
                ("add_content_units", Schemas.Array(Schemas.Text())),
                ("remove_content_units", Schemas.Array(Schemas.Text())),
                ("base_version", Schemas.Uri()),
                ("overwrite", Schemas.Boolean("Whether units of the repository may be replaced.")),
            ])
        );
        operations.Schema("RepositorySyncURL", Schemas.Of(SyncMembers()));
        if (!kind.Without.HasFlag(Operations.Modify))
        {
            operations.Add(
                Action(kind, "modify", "RepositoryAddRemoveContent") with
                {
                    Handler = c => ModifyAsync(c, kind, declaration),
                }
            );
        }

        if (declaration.SyncTask is not null)
        {
            var options = OptionsKind(kind, declaration);
            if (options is not null)
            {
                operations.Schema(options.SchemaName, ResourceSchemas.Request(options, partial: false));
            }

            operations.Add(
                Action(kind, "sync", options?.SchemaName ?? "RepositorySyncURL") with
                {
                    Handler = c => SyncAsync(c, kind, declaration, options),
                }
            );
        }
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

    private static Operation Action(ResourceKind kind, string verb, string body) =>
        new()
        {
            Id = $"{kind.OperationStem}_{verb}",
            Method = "POST",
            Route = $"{ResourceApi.RouteOf(kind)}{verb}/",
            Path = $"{ResourceApi.PathOf(kind)}{verb}/",
            Tag = kind.Tag,
            Summary = $"{char.ToUpperInvariant(verb[0])}{verb[1..]} a repository",
            Access = kind.Rule(verb),
            Parameters = [ApiOperations.Href(kind)],
            Body = body,
            Responses = ResourceApi.Ok(202, "AsyncOperationResponse"),
            Handler = _ => Task.CompletedTask,
        };

    private async Task<Repository> FindAsync(AdmittedRequest request, ResourceKind kind) =>
        (Repository?)await store.FindAsync(database, kind, request.Reach, request.Id, request.RequestAborted)
        ?? throw ResourceChanges.NotFound(kind);

    private async Task ModifyAsync(AdmittedRequest request, ResourceKind kind, RepositoryDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        var repository = await FindAsync(request, kind);
        await using var body = await RequestBody.ReadAsync(request.Request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        var units = new ContentReferences(database, registry, references);
        Members.RefuseUnknown(body, ["add_content_units", "remove_content_units", "base_version", "overwrite"], errors);
        var (add, _) = await units.ReadAsync(body, "add_content_units", errors, cancellationToken);
        var (remove, all) = await units.ReadAsync(
            body,
            "remove_content_units",
            errors,
            cancellationToken,
            allowAll: true
        );
        await units.RefuseForeignAsync(add, declaration.Holds, "add_content_units", errors, cancellationToken);
        var baseVersion = await Members.ReferenceAsync(
            body,
            "base_version",
            typeof(RepositoryVersionRef),
            references,
            request.Reach,
            errors,
            cancellationToken
        );
        var overwrite = Members.Boolean(body, "overwrite", otherwise: true, errors);
        var options = new DispatchOptions().Exclusive(kind.Prn(repository.PulpId));
        if (baseVersion is { } wanted)
        {
            await ReserveBaseAsync(wanted, declaration, options, errors, cancellationToken);
        }

        errors.ThrowIfAny();
        if (!overwrite)
        {
            await OverwriteRule.EnsureNothingReplacedAsync(
                database,
                keys.Of(kind.PulpType),
                repository.PulpId,
                add,
                all ? null : remove,
                cancellationToken
            );
        }

        if (add.Count > 0)
        {
            // What waits to be added is no orphan, though nothing holds it yet.
            await database.ExecuteAsync(ContentInterest.Touch(add, clock.GetUtcNow()), cancellationToken);
        }

        var task = await dispatcher.SendAsync<AddAndRemove, AddAndRemoveArgs>(
            new AddAndRemoveArgs(repository.PulpId, add, remove, all, baseVersion, overwrite),
            options,
            request.Origin,
            cancellationToken
        );
        await request.Response.TaskAsync(task);
    }

    /// <summary>The base version stays as it is until its content has been taken over, and holds what the repository may hold.</summary>
    private async Task ReserveBaseAsync(
        Guid version,
        RepositoryDeclaration declaration,
        DispatchOptions options,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var owner = await database.FirstOrDefaultAsync<BaseRow>(
            $"""
            select r.pulp_id, r.pulp_type from core_repositoryversion v
              join core_repository r on r.pulp_id = v.repository_id where v.pulp_id = {version}
            """,
            cancellationToken
        );
        if (owner is not null)
        {
            options.Shared(registry.ForType("core_repository", owner.PulpType).Prn(owner.PulpId));
        }

        var types = declaration.Holds.Select(a => registry.For(a).PulpType).ToList();
        var foreign = await database.FirstOrDefaultAsync<string>(
            $"""
            select content_type from core_versionsummary
             where version_id = {version} and present > 0 and content_type not in {types} limit 1
            """,
            cancellationToken
        );
        if (foreign is not null)
        {
            errors.Add("base_version", $"This repository can't hold content of type '{foreign}'.");
        }
    }

    private sealed record BaseRow
    {
        public Guid PulpId { get; init; }

        public string PulpType { get; init; } = "";
    }

    private async Task SyncAsync(
        AdmittedRequest request,
        ResourceKind kind,
        RepositoryDeclaration declaration,
        ResourceKind? optionsKind
    )
    {
        var cancellationToken = request.RequestAborted;
        var repository = await FindAsync(request, kind);
        await using var body = await RequestBody.ReadAsync(request.Request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        string[] members = [.. SyncMembers().Select(m => m.Name)];
        FieldValues? options = null;
        if (optionsKind is null)
        {
            Members.RefuseUnknown(body, members, errors);
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

        var remote = await Members.ReferenceAsync(
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
            Mirror = Members.Boolean(body, "mirror", otherwise: false, errors),
            Optimize = Members.Boolean(body, "optimize", otherwise: true, errors),
            Options = optionsKind is null ? null : options?.ToRecord<object>(optionsKind),
        };
        await request.Response.TaskAsync(
            await syncs.SendAsync(declaration, repository, sync, errors, request.Origin, cancellationToken)
        );
    }
}
