using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>Generates the usual operations of a kind from its declaration.</summary>
internal sealed class ResourceApi(
    ApiOperations operations,
    Database database,
    ResourceReader reader,
    References references,
    ResourceChanges changes,
    TaskDispatcher dispatcher
)
{
    public void Map(ResourceKind kind)
    {
        var verbs = kind.Verbs;
        ResourceSchemas.AddTo(operations, kind);
        if (verbs.HasFlag(Verbs.List))
        {
            MapList(kind);
        }

        if (verbs.HasFlag(Verbs.Read))
        {
            MapRead(kind);
        }

        if (verbs.HasFlag(Verbs.Create) || verbs.HasFlag(Verbs.CreateTask))
        {
            MapCreate(kind, verbs.HasFlag(Verbs.CreateTask));
        }

        if (verbs.HasFlag(Verbs.Update) || verbs.HasFlag(Verbs.UpdateNow))
        {
            MapUpdate(kind, "PUT", "update", BindMode.Replace, verbs.HasFlag(Verbs.Update));
            MapUpdate(kind, "PATCH", "partial_update", BindMode.Patch, verbs.HasFlag(Verbs.Update));
        }

        if (verbs.HasFlag(Verbs.Delete) || verbs.HasFlag(Verbs.DeleteTask))
        {
            MapDelete(kind, verbs.HasFlag(Verbs.DeleteTask));
        }

        if (verbs.HasFlag(Verbs.Labels))
        {
            LabelOperations.Map(operations, kind, database);
        }
    }

    private void MapList(ResourceKind kind)
    {
        var name = kind.IsGeneric ? kind.Path.TrimEnd('/') : Names.Plural(Names.Words(kind.ModelName));
        operations.Add(
            kind.OnKind("GET", "list", kind.Rule("list"), $"List {name}", request => ListAsync(request, kind)) with
            {
                Parameters = [.. KindPaths.ParentParameters(kind), .. KindParameters.OfList(kind)],
                Responses = Ok(200, $"Paginated{kind.SchemaName}ResponseList"),
            }
        );
    }

    private async Task ListAsync(AdmittedRequest request, ResourceKind kind)
    {
        var cancellationToken = request.RequestAborted;
        var list = await ListRequest.ReadAsync(
            request.Request,
            kind,
            database,
            references,
            request.Reach,
            cancellationToken
        );
        var scope = ParentKind.Scope(kind, ParentKind.In(request.Http, kind));
        await reader.WriteListAsync(request, kind, list, scope, cancellationToken);
    }

    private void MapRead(ResourceKind kind) =>
        operations.Add(
            kind.OnOne("GET", "read", kind.Rule("retrieve"), Sentence("Inspect", kind), r => ReadAsync(r, kind)) with
            {
                Parameters = [ApiOperations.Href(kind), .. KindParameters.OfMembers(kind)],
                Responses = Ok(200, kind.ReadSchemaName),
            }
        );

    private async Task ReadAsync(AdmittedRequest request, ResourceKind kind)
    {
        var members = SelectedOutputs.Of(request.Request, kind, read: true);
        var found =
            await reader.FindAsync(kind, request.Reach, request.Key, request.RequestAborted, members)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.JsonAsync(200, found);
    }

    private void MapCreate(ResourceKind kind, bool asTask) =>
        operations.Add(
            kind.OnKind(
                "POST",
                "create",
                kind.Rule("create"),
                Sentence("Create", kind),
                request => CreateAsync(request, kind, asTask)
            ) with
            {
                Body = kind.SchemaName,
                Responses = asTask ? SendsTask : Ok(201, $"{kind.SchemaName}Response"),
            }
        );

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind, bool asTask)
    {
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        if (asTask)
        {
            await changes.CheckCreateAsync(kind, request.Reach, body, request.RequestAborted);
            await SendAsync<GeneralCreate>(request, kind, null, body.ToStored(), partial: false);
            return;
        }

        var parent = ParentKind.In(request.Http, kind);
        var id = await changes.CreateAsync(kind, request.Reach, body, request.RequestAborted, parent);
        var created =
            await reader.FindAsync(kind, request.WholeReach, id, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.CreatedAsync(kind.Href(request.Reach.Scope, id.Value, parent?.Value), created);
    }

    private void MapUpdate(ResourceKind kind, string method, string verb, BindMode mode, bool asTask)
    {
        var updated = Ok(200, $"{kind.SchemaName}Response");
        operations.Add(
            kind.OnOne(
                method,
                verb,
                kind.Rule(verb),
                Sentence("Update", kind),
                request => UpdateAsync(request, kind, mode, asTask)
            ) with
            {
                Body = mode == BindMode.Patch ? "Patched" + kind.SchemaName : kind.SchemaName,
                Responses = asTask
                    ? new Dictionary<int, JsonObject?>(updated) { [202] = Schemas.Ref("AsyncOperationResponse") }
                    : updated,
            }
        );
    }

    private async Task UpdateAsync(AdmittedRequest request, ResourceKind kind, BindMode mode, bool asTask)
    {
        var (key, cancellationToken) = (request.Key, request.RequestAborted);
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        if (!asTask)
        {
            await changes.UpdateAsync(kind, request.Reach, key, body, mode, cancellationToken);
        }
        else if ((await changes.CheckUpdateAsync(kind, request.Reach, key, body, mode, cancellationToken)).Changes)
        {
            await SendAsync<GeneralUpdate>(request, kind, key, body.ToStored(), mode == BindMode.Patch);
            return;
        }

        var same =
            await reader.FindAsync(kind, request.WholeReach, key, cancellationToken)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.JsonAsync(200, same);
    }

    private void MapDelete(ResourceKind kind, bool asTask) =>
        operations.Add(
            kind.OnOne(
                "DELETE",
                "delete",
                kind.Rule("destroy"),
                Sentence("Delete", kind),
                request => DeleteAsync(request, kind, asTask)
            ) with
            {
                Responses = asTask ? SendsTask : Nothing,
            }
        );

    private async Task DeleteAsync(AdmittedRequest request, ResourceKind kind, bool asTask)
    {
        var key = request.Key;
        if (!asTask)
        {
            if (!await changes.DeleteAsync(kind, request.Reach, key, request.RequestAborted))
            {
                throw ResourceChanges.NotFound(kind);
            }

            request.Response.StatusCode = 204;
            return;
        }

        if (await reader.FindAsync(kind, request.Reach, key, request.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(kind);
        }

        await kind.Behavior.CheckDelete(key, request.RequestAborted);
        await SendAsync<GeneralDelete>(request, kind, key, StoredBody.Empty, partial: false);
    }

    private static string Sentence(string verb, ResourceKind kind) =>
        $"{verb} {Names.WithArticle(Names.Words(kind.ModelName))}";

    private async Task SendAsync<TTask>(
        AdmittedRequest request,
        ResourceKind kind,
        ResourceKey? key,
        StoredBody body,
        bool partial
    )
        where TTask : PulpTask<ResourceChange>
    {
        var task = await dispatcher.SendAsync<TTask, ResourceChange>(
            new ResourceChange(kind.Model, key?.Id, body, partial),
            kind.Behavior.Reserve(kind, key, request.Reach),
            // What all domains share is changed in the default one: a domain can't go while its own task does it.
            kind.DomainColumn
                is null
                ? request.Origin.InDefaultDomain()
                : request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task, shared: kind.DomainColumn is null);
    }

    /// <summary>What an operation answers that sends a task.</summary>
    public static IReadOnlyDictionary<int, JsonObject?> SendsTask => Ok(202, "AsyncOperationResponse");

    /// <summary>What an operation answers that has nothing to say.</summary>
    public static IReadOnlyDictionary<int, JsonObject?> Nothing { get; } =
        new Dictionary<int, JsonObject?> { [204] = null };

    public static Dictionary<int, JsonObject?> Ok(int status, string schema) =>
        new() { [status] = Schemas.Ref(schema) };
}
