using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Tasks;
using Pulp.Core.Users;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>What of the usual operations a kind has, and whether they are tasks.</summary>
[Flags]
internal enum Verbs
{
    List = 1,
    Read = 2,
    Create = 4,
    CreateTask = 8,
    Update = 16,
    Delete = 32,
    DeleteTask = 64,
    Labels = 128,

    /// <summary>List, read, and changes as tasks.</summary>
    Changeable = List | Read | Update | DeleteTask,
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
            MapList(kind, context => Task.FromResult<SqlText?>(null));
        }

        if (verbs.HasFlag(Verbs.Read))
        {
            MapRead(kind);
        }

        if (verbs.HasFlag(Verbs.Create) || verbs.HasFlag(Verbs.CreateTask))
        {
            MapCreate(kind, verbs.HasFlag(Verbs.CreateTask));
        }

        if (verbs.HasFlag(Verbs.Update))
        {
            MapUpdate(kind, "PUT", "update", BindMode.Replace);
            MapUpdate(kind, "PATCH", "partial_update", BindMode.Patch);
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

    private void MapList(ResourceKind kind, Func<HttpContext, Task<SqlText?>> scope) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_list",
                Method = "GET",
                Route = ResourceKind.ApiRoot + kind.Path,
                Path = ResourceKind.ApiRoot + kind.Path,
                Tag = kind.Tag,
                Summary =
                    $"List {(kind.IsGeneric ? kind.Path.TrimEnd('/') : Names.Plural(Names.Words(kind.ModelName)))}",
                Access = new AccessRule.Permission(kind.Permission("view")),
                Parameters = ListParameters(kind),
                Responses = Ok(200, $"Paginated{kind.SchemaName}ResponseList"),
                Handler = async context =>
                {
                    var cancellationToken = context.RequestAborted;
                    var list = await ListRequest.ReadAsync(
                        context.Request,
                        kind,
                        database,
                        references,
                        cancellationToken
                    );
                    await reader.WriteListAsync(context, kind, list, await scope(context), cancellationToken);
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
                Path = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Inspect {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = new AccessRule.Permission(kind.Permission("view")),
                Parameters = [ApiOperations.Href(kind), .. MemberParameters(kind)],
                Responses = Ok(200, kind.ReadSchemaName),
                Handler = async context =>
                {
                    var found =
                        await reader.FindAsync(
                            kind,
                            ResourceReader.ByKey(kind, KeyOf(context, kind)),
                            ListRequest.Members(context.Request, kind, read: true),
                            context.RequestAborted
                        ) ?? throw ResourceChanges.NotFound(kind);
                    await context.Response.JsonAsync(200, found);
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
                Path = ResourceKind.ApiRoot + kind.Path,
                Tag = kind.Tag,
                Summary = $"Create {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = new AccessRule.Permission(kind.Permission("add")),
                Body = kind.SchemaName,
                Responses = asTask ? Ok(202, "AsyncOperationResponse") : Ok(201, $"{kind.SchemaName}Response"),
                Handler = async context =>
                {
                    await using var body = await RequestBody.ReadAsync(
                        context.Request,
                        files: null,
                        context.RequestAborted
                    );
                    if (asTask)
                    {
                        await changes.CheckCreateAsync(kind, body, context.RequestAborted);
                        await SendAsync<GeneralCreate>(context, kind, null, body.ToStored(), partial: false);
                        return;
                    }

                    var id = await changes.CreateAsync(kind, body, context.RequestAborted);
                    var created =
                        await reader.FindAsync(kind, id, CancellationToken.None)
                        ?? throw ResourceChanges.NotFound(kind);
                    await context.Response.CreatedAsync(kind.Href(id), created);
                },
            }
        );

    private void MapUpdate(ResourceKind kind, string method, string verb, BindMode mode) =>
        operations.Add(
            new Operation
            {
                Id = $"{kind.OperationStem}_{verb}",
                Method = method,
                Route = RouteOf(kind),
                Path = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Update {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = new AccessRule.Permission(kind.Permission("change")),
                Parameters = [ApiOperations.Href(kind)],
                Body = mode == BindMode.Patch ? "Patched" + kind.SchemaName : kind.SchemaName,
                Responses = new Dictionary<int, JsonObject?>
                {
                    [200] = Schemas.Ref($"{kind.SchemaName}Response"),
                    [202] = Schemas.Ref("AsyncOperationResponse"),
                },
                Handler = async context =>
                {
                    await using var body = await RequestBody.ReadAsync(
                        context.Request,
                        files: null,
                        context.RequestAborted
                    );
                    var id = IdOf(context, kind);
                    var (_, changed) = await changes.CheckUpdateAsync(kind, id, body, mode, context.RequestAborted);
                    if (changed)
                    {
                        await SendAsync<GeneralUpdate>(context, kind, id, body.ToStored(), mode == BindMode.Patch);
                        return;
                    }

                    var same =
                        await reader.FindAsync(kind, id, context.RequestAborted)
                        ?? throw ResourceChanges.NotFound(kind);
                    await context.Response.JsonAsync(200, same);
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
                Path = PathOf(kind),
                Tag = kind.Tag,
                Summary = $"Delete {Names.WithArticle(Names.Words(kind.ModelName))}",
                Access = new AccessRule.Permission(kind.Permission("delete")),
                Parameters = [ApiOperations.Href(kind)],
                Responses = asTask
                    ? Ok(202, "AsyncOperationResponse")
                    : new Dictionary<int, JsonObject?> { [204] = null },
                Handler = async context =>
                {
                    var id = IdOf(context, kind);
                    if (!asTask)
                    {
                        if (!await changes.DeleteAsync(kind, id, context.RequestAborted))
                        {
                            throw ResourceChanges.NotFound(kind);
                        }

                        context.Response.StatusCode = 204;
                        return;
                    }

                    if (await reader.FindAsync(kind, id, context.RequestAborted) is null)
                    {
                        throw ResourceChanges.NotFound(kind);
                    }

                    await SendAsync<GeneralDelete>(context, kind, id, StoredBody.Empty, partial: false);
                },
            }
        );

    private async Task SendAsync<TTask>(HttpContext context, ResourceKind kind, Guid? id, StoredBody body, bool partial)
        where TTask : PulpTask<ResourceChange>
    {
        var task = await dispatcher.SendAsync<TTask, ResourceChange>(
            new ResourceChange(kind.Model, id, body, partial),
            kind.Behavior.Reserve(kind, id),
            OriginOf(context),
            context.RequestAborted
        );
        await context.Response.TaskAsync(task);
    }

    public static TaskOrigin OriginOf(HttpContext context) =>
        new(Caller.Of(context)?.Id, CorrelationIds.Of(context), ParentTask: null);

    public static string RouteOf(ResourceKind kind) => $"{ResourceKind.ApiRoot}{kind.Path}{{pulp_id}}/";

    public static string PathOf(ResourceKind kind) => $"{{{kind.HrefParameter}}}";

    /// <exception cref="NotFoundException">The path holds no id.</exception>
    public static Guid IdOf(HttpContext context, ResourceKind kind) =>
        Guid.TryParseExact(context.Request.RouteValues["pulp_id"] as string, "D", out var id)
            ? id
            : throw ResourceChanges.NotFound(kind);

    private static object KeyOf(HttpContext context, ResourceKind kind) =>
        !kind.HasIntegerKey ? IdOf(context, kind)
        : WireNumbers.TryInteger(context.Request.RouteValues["pulp_id"] as string, out var number) ? number
        : throw ResourceChanges.NotFound(kind);

    public static Dictionary<int, JsonObject?> Ok(int status, string schema) =>
        new() { [status] = Schemas.Ref(schema) };

    private void Describe(ResourceKind kind, Verbs verbs)
    {
        operations.Schema($"{kind.SchemaName}Response", ResourceSchemas.Response(kind, kind.Outputs));
        operations.Schema(kind.ReadSchemaName, ResourceSchemas.Response(kind, [.. kind.Outputs, .. kind.MoreWhenRead]));
        operations.Schema($"Paginated{kind.SchemaName}ResponseList", ResourceSchemas.Page(kind));
        if (verbs.HasFlag(Verbs.Create) || verbs.HasFlag(Verbs.CreateTask) || verbs.HasFlag(Verbs.Update))
        {
            operations.Schema(kind.SchemaName, ResourceSchemas.Request(kind, partial: false));
            operations.Schema("Patched" + kind.SchemaName, ResourceSchemas.Request(kind, partial: true));
        }
    }

    private static bool IsList(JsonObject schema) => schema["type"] is JsonValue type && type.ToString() == "array";

    private static JsonObject Clone(JsonObject schema) => (JsonObject)schema.DeepClone();
}
