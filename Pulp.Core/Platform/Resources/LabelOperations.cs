using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>Sets and unsets one label of a resource, in one statement each: two clients can't lose each other's.</summary>
internal static class LabelOperations
{
    public static void Map(ApiOperations operations, ResourceKind kind, Database database)
    {
        operations.Schema(
            "SetLabel",
            Schemas.Of([("key", Schemas.NonEmptyText()), ("value", Schemas.Text().OrNull())], "key", "value")
        );
        operations.Schema(
            "SetLabelResponse",
            Schemas.Of([("key", Schemas.Text()), ("value", Schemas.Text().OrNull())], "key", "value")
        );
        operations.Schema("UnsetLabel", Schemas.Of([("key", Schemas.NonEmptyText())], "key"));
        operations.Schema(
            "UnsetLabelResponse",
            Schemas.Of([("key", Schemas.Text()), ("value", Schemas.ReadOnlyText().OrNull())], "key")
        );
        operations.Add(
            Operation(
                kind,
                "set_label",
                "Set a label",
                "SetLabel",
                async request =>
                {
                    var (key, value) = await ReadAsync(request, withValue: true);
                    await SetAsync(database, kind, RowOf(kind, request), key, value, request.RequestAborted);
                    await request.Response.JsonAsync(201, new { key, value });
                }
            )
        );
        operations.Add(
            Operation(
                kind,
                "unset_label",
                "Unset a label",
                "UnsetLabel",
                async request =>
                {
                    var (key, _) = await ReadAsync(request, withValue: false);
                    var value = await UnsetAsync(database, kind, RowOf(kind, request), key, request.RequestAborted);
                    await request.Response.JsonAsync(201, new { key, value });
                }
            )
        );
    }

    private static SqlText RowOf(ResourceKind kind, AdmittedRequest request) =>
        ReachableRows.WhereMasterKey(kind, request.Reach, request.Key);

    private static Operation Operation(
        ResourceKind kind,
        string verb,
        string summary,
        string body,
        OperationHandler handler
    ) =>
        kind.Verb("POST", verb, kind.Rule(verb), summary, handler) with
        {
            Body = body,
            // Distributions are documented with 200 and answered with 201, as everything else.
            Responses =
                kind.MasterTable == "core_distribution"
                    ? new Dictionary<int, System.Text.Json.Nodes.JsonObject?>
                    {
                        [200] = Schemas.Ref(body + "Response"),
                        [201] = Schemas.Ref(body + "Response"),
                    }
                    : ResourceApi.Ok(201, body + "Response"),
        };

    private static async Task<(string Key, string? Value)> ReadAsync(AdmittedRequest request, bool withValue)
    {
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        var key = body.TryGet("key", out var k) ? k.AsText() : null;
        if (key is null)
        {
            errors.Add("key", "This field is required.");
        }
        else if (!JsonField.IsLabelKey(key))
        {
            errors.Add("key", "Key contains characters that are not allowed.");
        }

        string? value = null;
        if (withValue)
        {
            if (!body.TryGet("value", out var v))
            {
                errors.Add("value", "This field is required.");
            }
            else if (!v.IsNull)
            {
                value = v.AsText(numbersToo: true);
                if (value is null || TextRules.Fault(value) is not null || value.IndexOfAny([',', '(', ')']) >= 0)
                {
                    errors.Add("value", "Not a valid string.");
                }
            }
        }

        errors.ThrowIfAny();
        return (key ?? "", value);
    }

    private static async Task SetAsync(
        Database database,
        ResourceKind kind,
        SqlText row,
        string key,
        string? value,
        CancellationToken cancellationToken
    )
    {
        SqlText labels = database.IsPostgres
            ? (SqlText)$"jsonb_set(pulp_labels, array[{key}], coalesce(to_jsonb(cast({value} as text)), 'null'))"
            : $"json_set(pulp_labels, {new LabelKey(key)}, {value})";
        var set = await database.ExecuteAsync(
            $"update {Sql.Name(kind.MasterTable)} set pulp_labels = {labels} where {row}",
            cancellationToken
        );
        if (set == 0)
        {
            throw ResourceChanges.NotFound(kind);
        }
    }

    private static Task<string?> UnsetAsync(
        Database database,
        ResourceKind kind,
        SqlText row,
        string key,
        CancellationToken cancellationToken
    ) =>
        database.InTransactionAsync(
            async tx =>
            {
                var path = new LabelKey(key);
                var label =
                    await tx.FirstOrDefaultAsync<LabelRow>(
                        tx.IsPostgres
                            ? (SqlText)
                                $"""
                                select 1 as found, jsonb_exists(pulp_labels, {path}) as present,
                                       jsonb_extract_path_text(pulp_labels, {path}) as value
                                  from {Sql.Name(kind.MasterTable)} where {row}
                                """
                            : $"""
                            select 1 as found, json_type(pulp_labels, {path}) is not null as present,
                                   json_extract(pulp_labels, {path}) as value
                              from {Sql.Name(kind.MasterTable)} where {row}
                            """,
                        cancellationToken
                    ) ?? throw ResourceChanges.NotFound(kind);
                if (!label.Present)
                {
                    throw new ValidationException("key", $"Label '{key}' is not set on the object.");
                }

                SqlText rest = tx.IsPostgres ? (SqlText)$"pulp_labels - {key}" : $"json_remove(pulp_labels, {path})";
                await tx.ExecuteAsync(
                    $"update {Sql.Name(kind.MasterTable)} set pulp_labels = {rest} where {row}",
                    cancellationToken
                );
                return label.Value;
            },
            cancellationToken
        );

    private sealed record LabelRow
    {
        public long Found { get; init; }

        public bool Present { get; init; }

        public string? Value { get; init; }
    }
}
