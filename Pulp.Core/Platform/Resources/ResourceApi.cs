using System.Text.Json.Nodes;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>What of the usual operations a kind has, and whether they are tasks.</summary>
[Flags]
internal enum Verbs
{
    None = 0,
    List = 1,
    Read = 2,
    Create = 4,
    CreateTask = 8,
    Update = 16,
    Delete = 32,
    DeleteTask = 64,
    Labels = 128,

    /// <summary>Update at once, not by a task.</summary>
    UpdateNow = 256,

    /// <summary>Giving and taking roles on one, and saying which there are and what one may do.</summary>
    Roles = 512,

    /// <summary>List, read, and changes as tasks.</summary>
    Changeable = List | Read | Update | DeleteTask,
}

internal static class VerbsExtensions
{
    /// <summary>What is left where a plugin leaves some out.</summary>
    public static Verbs Without(this Verbs verbs, Operations left) =>
        verbs
        & ~(
            Of(left, Operations.List, Verbs.List)
            | Of(left, Operations.Read, Verbs.Read)
            | Of(left, Operations.Create, Verbs.Create | Verbs.CreateTask)
            | Of(left, Operations.Update, Verbs.Update | Verbs.UpdateNow)
            | Of(left, Operations.Delete, Verbs.Delete | Verbs.DeleteTask)
            | Of(left, Operations.Labels, Verbs.Labels)
            | Of(left, Operations.Roles, Verbs.Roles)
        );

    private static Verbs Of(Operations left, Operations operation, Verbs verbs) =>
        left.HasFlag(operation) ? verbs : Verbs.None;
}

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
        Describe(kind, verbs);
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

    private void MapList(ResourceKind kind) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_list",
                Method = "GET",
                Route = ResourceKind.ApiRoot + kind.Path,
                DocumentPath = ListPathOf(kind),
                Tag = kind.Tag,
                Summary =
                    $"List {(kind.IsGeneric ? kind.Path.TrimEnd('/') : Names.Plural(Names.Words(kind.ModelName)))}",
                Access = kind.Rule("list"),
                Parameters = [.. ParentParameters(kind), .. ListParameters(kind)],
                Responses = Ok(200, $"Paginated{kind.SchemaName}ResponseList"),
                Handler = async request =>
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
                },
            }
        );

    public static IReadOnlyList<OperationParameter> ListParameters(ResourceKind kind) =>
        [
            .. kind.Filters.Values.Select(f => new OperationParameter(
                f.Name,
                "query",
                Clone(f.Schema),
                Compact: IsList(f.Schema)
            )),
            new OperationParameter("limit", "query", new JsonObject { ["type"] = "integer" }),
            new OperationParameter("offset", "query", new JsonObject { ["type"] = "integer" }),
            .. kind.Orderings.Count == 0 ? Array.Empty<OperationParameter>() : [OrderingParameter(kind)],
            .. kind.Filters.Count == 0
                ? Array.Empty<OperationParameter>()
                : [new OperationParameter("q", "query", Schemas.Text())],
            .. MemberParameters(kind),
        ];

    private static OperationParameter OrderingParameter(ResourceKind kind) =>
        new(
            "ordering",
            "query",
            Schemas.ListOfChoices(kind.Orderings.Keys.Select(k => "-" + k).Concat(kind.Orderings.Keys)),
            Compact: true
        );

    private static IEnumerable<OperationParameter> MemberParameters(ResourceKind kind) =>
        kind.MinimalOutputs.Count == 0
            ? FieldParameters()
            : [new OperationParameter("minimal", "query", Schemas.Boolean()), .. FieldParameters()];

    public static IEnumerable<OperationParameter> FieldParameters() =>
        [
            new OperationParameter("fields", "query", Schemas.Array(Schemas.Text())),
            new OperationParameter("exclude_fields", "query", Schemas.Array(Schemas.Text())),
        ];

    private void MapRead(ResourceKind kind) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_read",
                Method = "GET",
                Route = RouteOf(kind),
                DocumentPath = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Inspect {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = kind.Rule("retrieve"),
                Parameters = [ApiOperations.Href(kind), .. MemberParameters(kind)],
                Responses = Ok(200, kind.ReadSchemaName),
                Handler = async request =>
                {
                    var found =
                        await reader.FindAsync(
                            kind,
                            request.Reach,
                            request.Key,
                            request.RequestAborted,
                            ListRequest.Members(request.Request, kind, read: true)
                        ) ?? throw ResourceChanges.NotFound(kind);
                    await request.Response.JsonAsync(200, found);
                },
            }
        );

    private void MapCreate(ResourceKind kind, bool asTask) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_create",
                Method = "POST",
                Route = ResourceKind.ApiRoot + kind.Path,
                DocumentPath = ListPathOf(kind),
                Tag = kind.Tag,
                Summary = $"Create {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = kind.Rule("create"),
                Parameters = [.. ParentParameters(kind)],
                Body = kind.SchemaName,
                Responses = asTask ? SendsTask : Ok(201, $"{kind.SchemaName}Response"),
                Handler = async request =>
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
                    await request.Response.CreatedAsync(
                        kind.Href(request.Reach.Scope, id.Value, parent?.Value),
                        created
                    );
                },
            }
        );

    private void MapUpdate(ResourceKind kind, string method, string verb, BindMode mode, bool asTask) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_{verb}",
                Method = method,
                Route = RouteOf(kind),
                DocumentPath = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Update {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = kind.Rule(verb),
                Parameters = [ApiOperations.Href(kind)],
                Body = mode == BindMode.Patch ? "Patched" + kind.SchemaName : kind.SchemaName,
                Responses = asTask
                    ? new Dictionary<int, JsonObject?>
                    {
                        [200] = Schemas.Ref($"{kind.SchemaName}Response"),
                        [202] = Schemas.Ref("AsyncOperationResponse"),
                    }
                    : Ok(200, $"{kind.SchemaName}Response"),
                Handler = async request =>
                {
                    await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
                    var key = request.Key;
                    if (!asTask)
                    {
                        await changes.UpdateAsync(kind, request.Reach, key, body, mode, request.RequestAborted);
                    }
                    else if (
                        (
                            await changes.CheckUpdateAsync(kind, request.Reach, key, body, mode, request.RequestAborted)
                        ).Changes
                    )
                    {
                        await SendAsync<GeneralUpdate>(request, kind, key, body.ToStored(), mode == BindMode.Patch);
                        return;
                    }

                    var same =
                        await reader.FindAsync(kind, request.WholeReach, key, request.RequestAborted)
                        ?? throw ResourceChanges.NotFound(kind);
                    await request.Response.JsonAsync(200, same);
                },
            }
        );

    private void MapDelete(ResourceKind kind, bool asTask) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_delete",
                Method = "DELETE",
                Route = RouteOf(kind),
                DocumentPath = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Delete {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = kind.Rule("destroy"),
                Parameters = [ApiOperations.Href(kind)],
                Responses = asTask ? SendsTask : new Dictionary<int, JsonObject?> { [204] = null },
                Handler = async request =>
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
                },
            }
        );

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

    public static string RouteOf(ResourceKind kind) => $"{ResourceKind.ApiRoot}{kind.Path}{{pulp_id}}/";

    /// <summary>The path of the list in the document, which begins with the parent's href where there is one.</summary>
    public static string ListPathOf(ResourceKind kind) =>
        kind.Parent is { } parent ? $"{PathOf(parent.Kind)}{parent.PathName}/" : ResourceKind.ApiRoot + kind.Path;

    /// <summary>What such a path names.</summary>
    public static IEnumerable<OperationParameter> ParentParameters(ResourceKind kind) =>
        kind.Parent is { } parent ? [ApiOperations.Href(parent.Kind)] : [];

    public static string PathOf(ResourceKind kind) => $"{{{kind.HrefParameter}}}";

    /// <summary>What an operation answers that sends a task.</summary>
    public static IReadOnlyDictionary<int, JsonObject?> SendsTask => Ok(202, "AsyncOperationResponse");

    public static Dictionary<int, JsonObject?> Ok(int status, string schema) =>
        new() { [status] = Schemas.Ref(schema) };

    private void Describe(ResourceKind kind, Verbs verbs)
    {
        operations.Schema($"{kind.SchemaName}Response", ResourceSchemas.Response(kind, kind.Outputs));
        operations.Schema(kind.ReadSchemaName, ResourceSchemas.Response(kind, [.. kind.Outputs, .. kind.MoreWhenRead]));
        operations.Schema($"Paginated{kind.SchemaName}ResponseList", ResourceSchemas.Page(kind));
        if (
            verbs.HasFlag(Verbs.Create)
            || verbs.HasFlag(Verbs.CreateTask)
            || verbs.HasFlag(Verbs.Update)
            || verbs.HasFlag(Verbs.UpdateNow)
        )
        {
            operations.Schema(kind.SchemaName, ResourceSchemas.Request(kind, partial: false));
            operations.Schema("Patched" + kind.SchemaName, ResourceSchemas.Request(kind, partial: true));
        }
    }

    private static bool IsList(JsonObject schema) => schema["type"] is JsonValue type && type.ToString() == "array";

    private static JsonObject Clone(JsonObject schema) => (JsonObject)schema.DeepClone();
}
