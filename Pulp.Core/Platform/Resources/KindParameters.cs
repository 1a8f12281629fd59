using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>The query parameters of a kind's operations, as the document has them.</summary>
internal static class KindParameters
{
    /// <summary>What a list takes.</summary>
    public static IReadOnlyList<OperationParameter> OfList(ResourceKind kind) =>
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
            .. OfMembers(kind),
        ];

    private static OperationParameter OrderingParameter(ResourceKind kind) =>
        new(
            "ordering",
            "query",
            Schemas.ListOfChoices(kind.Orderings.Keys.Select(k => "-" + k).Concat(kind.Orderings.Keys)),
            Compact: true
        );

    /// <summary>Which members are wanted, of a kind that has a short form too.</summary>
    public static IEnumerable<OperationParameter> OfMembers(ResourceKind kind) =>
        kind.MinimalOutputs.Count == 0
            ? OfFields()
            : [new OperationParameter("minimal", "query", Schemas.Boolean()), .. OfFields()];

    /// <summary>Which members are wanted.</summary>
    public static IEnumerable<OperationParameter> OfFields() =>
        [
            new OperationParameter("fields", "query", Schemas.Array(Schemas.Text())),
            new OperationParameter("exclude_fields", "query", Schemas.Array(Schemas.Text())),
        ];

    private static bool IsList(JsonObject schema) => schema["type"] is JsonValue type && type.ToString() == "array";

    private static JsonObject Clone(JsonObject schema) => (JsonObject)schema.DeepClone();
}
