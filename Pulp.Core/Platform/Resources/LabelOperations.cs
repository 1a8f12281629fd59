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
            Operation(kind, "set_label", "SetLabel") with
            {
                Handler = async context =>
                {
                    var (key, value) = await ReadAsync(context, withValue: true);
                    await SetAsync(database, kind, ResourceApi.IdOf(context, kind), key, value, context.RequestAborted);
                    await context.Response.JsonAsync(201, new { key, value });
                },
            }
        );
        operations.Add(
            Operation(kind, "unset_label", "UnsetLabel") with
            {
                Handler = async context =>
                {
                    var (key, _) = await ReadAsync(context, withValue: false);
                    var value = await UnsetAsync(
                        database,
                        kind,
                        ResourceApi.IdOf(context, kind),
                        key,
                        context.RequestAborted
                    );
                    await context.Response.JsonAsync(201, new { key, value });
                },
            }
        );
    }

    private static Operation Operation(ResourceKind kind, string verb, string body) =>
        new()
        {
            Id = $"{kind.OperationStem}_{verb}",
            Method = "POST",
            Route = $"{ResourceApi.RouteOf(kind)}{verb}/",
            Path = $"{ResourceApi.PathOf(kind)}{verb}/",
            Tag = kind.Tag,
            Summary = verb == "set_label" ? "Set a label" : "Unset a label",
            Access = new AccessRule.Permission(kind.Permission("change")),
            Parameters = [ApiOperations.Href(kind)],
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
            Handler = _ => Task.CompletedTask,
        };

    private static async Task<(string Key, string? Value)> ReadAsync(HttpContext context, bool withValue)
    {
        await using var body = await RequestBody.ReadAsync(context.Request, files: null, context.RequestAborted);
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
        Guid id,
        string key,
        string? value,
        CancellationToken cancellationToken
    )
    {
        var sql = SqlText.Raw($"update {kind.MasterTable} set pulp_labels = ");
        if (database.IsPostgres)
        {
            sql.Append($"jsonb_set(pulp_labels, array[{key}], coalesce(to_jsonb(cast({value} as text)), 'null'))");
        }
        else
        {
            sql.Append($"json_set(pulp_labels, {new LabelKey(key)}, {value})");
        }

        sql.Append($" where pulp_id = {id}");
        if (await database.ExecuteAsync(sql, cancellationToken) == 0)
        {
            throw ResourceChanges.NotFound(kind);
        }
    }

    private static Task<string?> UnsetAsync(
        Database database,
        ResourceKind kind,
        Guid id,
        string key,
        CancellationToken cancellationToken
    ) =>
        database.InTransactionAsync(
            async tx =>
            {
                var path = new LabelKey(key);
                var row = await tx.FirstOrDefaultAsync<LabelRow>(
                    SqlText
                        .Raw("select ")
                        .Append(
                            $"""
                            1 as found, {Sql.For(
                                "jsonb_exists(pulp_labels, ",
                                "json_type(pulp_labels, "
                            )}{path}{Sql.For(")", ") is not null")} as present,
                            {Sql.For(
                                "jsonb_extract_path_text(pulp_labels, ",
                                "json_extract(pulp_labels, "
                            )}{path}) as value
                            """
                        )
                        .Append(SqlText.Raw($" from {kind.MasterTable} where pulp_id = "))
                        .Append($"{id}"),
                    cancellationToken
                );
                if (row is null)
                {
                    throw ResourceChanges.NotFound(kind);
                }

                if (!row.Present)
                {
                    throw new ValidationException("key", $"Label '{key}' is not set on the object.");
                }

                var sql = SqlText.Raw($"update {kind.MasterTable} set pulp_labels = ");
                sql.Append(tx.IsPostgres ? (SqlText)$"pulp_labels - {key}" : $"json_remove(pulp_labels, {path})");
                sql.Append($" where pulp_id = {id}");
                await tx.ExecuteAsync(sql, cancellationToken);
                return row.Value;
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
