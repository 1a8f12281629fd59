using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Tasks;
using Pulp.Core.Units;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>What repositories have beside the usual operations.</summary>
internal sealed class RepositoryApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    References references,
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
        if (!kind.Without.HasFlag(Operations.Modify))
        {
            operations.Add(
                Action(kind, "modify", "RepositoryAddRemoveContent", c => ModifyAsync(c, kind, declaration))
            );
        }
    }

    /// <summary>An operation on a repository that sends a task.</summary>
    public static Operation Action(ResourceKind kind, string verb, string body, OperationHandler handler) =>
        kind.Verb(
            "POST",
            verb,
            kind.Rule(verb),
            $"{char.ToUpperInvariant(verb[0])}{verb[1..]} a repository",
            handler
        ) with
        {
            Body = body,
            Responses = ResourceApi.SendsTask,
        };

    private async Task<Repository> FindAsync(AdmittedRequest request, ResourceKind kind) =>
        (Repository?)await store.FindAsync(database, kind, request.Reach, request.Id, request.RequestAborted)
        ?? throw ResourceChanges.NotFound(kind);

    private async Task ModifyAsync(AdmittedRequest request, ResourceKind kind, RepositoryDeclaration declaration)
    {
        var cancellationToken = request.RequestAborted;
        var repository = await FindAsync(request, kind);
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        var units = new ContentReferences(database, registry, store, references);
        RequestFields.RefuseUnknown(
            body,
            ["add_content_units", "remove_content_units", "base_version", "overwrite"],
            errors
        );
        var (add, _) = await units.ReadAsync(body, "add_content_units", request.Reach, errors, cancellationToken);
        var (remove, all) = await units.ReadAsync(
            body,
            "remove_content_units",
            request.Reach,
            errors,
            cancellationToken,
            allowAll: true
        );
        await units.RefuseForeignAsync(add, declaration.Holds, "add_content_units", errors, cancellationToken);
        var baseVersion = await RequestFields.ReferenceAsync(
            body,
            "base_version",
            typeof(RepositoryVersionRef),
            references,
            request.Reach,
            errors,
            cancellationToken
        );
        var overwrite = RequestFields.Boolean(body, "overwrite", otherwise: true, errors);
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
}
