using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>A kind's schemas in the API document.</summary>
internal static class ResourceSchemas
{
    /// <summary>Adds what the usual operations of a kind take and answer.</summary>
    public static void AddTo(ApiOperations operations, ResourceKind kind)
    {
        var verbs = kind.Verbs;
        operations.Schema($"{kind.SchemaName}Response", Response(kind, kind.Outputs));
        operations.Schema(kind.ReadSchemaName, Response(kind, [.. kind.Outputs, .. kind.MoreWhenRead]));
        operations.Schema($"Paginated{kind.SchemaName}ResponseList", Page(kind));
        if (
            verbs.HasFlag(Verbs.Create)
            || verbs.HasFlag(Verbs.CreateTask)
            || verbs.HasFlag(Verbs.Update)
            || verbs.HasFlag(Verbs.UpdateNow)
        )
        {
            operations.Schema(kind.SchemaName, Request(kind, partial: false));
            operations.Schema("Patched" + kind.SchemaName, Request(kind, partial: true));
        }
    }

    public static JsonObject Response(ResourceKind kind) => Response(kind, kind.Outputs);

    public static JsonObject Response(ResourceKind kind, IEnumerable<OutputField> outputs) =>
        Schemas.Of(
            outputs.Select(o => (o.Name, (JsonObject)o.Schema.DeepClone())),
            [.. kind.Fields.Where(f => f.Required && f.Shown).Select(f => f.Name)]
        );

    public static JsonObject Page(ResourceKind kind) => Page($"{kind.SchemaName}Response");

    public static JsonObject Page(string schema) =>
        Schemas.Of(
            [
                ("count", new JsonObject { ["type"] = "integer" }),
                ("next", Schemas.Uri().OrNull()),
                ("previous", Schemas.Uri().OrNull()),
                ("results", Schemas.Array(Schemas.Ref(schema))),
            ],
            "count",
            "results"
        );

    public static JsonObject Request(ResourceKind kind, bool partial)
    {
        var fields = kind.Fields.Where(f => f.Writable).ToList();
        return Schemas.Of(
            fields
                .Select(f => (f.Name, partial ? WithoutDefault(Schemas.ForInput(f)) : Schemas.ForInput(f)))
                .Concat(kind.ExtraInputs.Select(i => (i.Name, (JsonObject)i.Schema.DeepClone()))),
            partial ? [] : [.. fields.Where(f => f.Required).Select(f => f.Name)]
        );
    }

    /// <summary>What isn't sent stays as it is: a client that filled in defaults would change it.</summary>
    private static JsonObject WithoutDefault(JsonObject schema)
    {
        schema.Remove("default");
        return schema;
    }
}
