using System.Text.Json.Nodes;

namespace Pulp.Core.Platform.Resources;

/// <summary>Members of JSON that refer to other resources: ids in the table, hrefs on the wire.</summary>
internal static class ReferenceOutputs
{
    /// <summary>A reference by id: the row it points to says its kind, and so its path.</summary>
    public static OutputField Of(string name, string column, Type target, ResourceRegistry registry, JsonObject schema)
    {
        if (target == typeof(RepositoryVersionRef))
        {
            return OfVersion(name, column, registry, schema);
        }

        if (!typeof(MasterResource).IsAssignableFrom(target))
        {
            return OfOwnTable(name, column, registry.For(target), schema);
        }

        var master = MasterTables.Of(target);
        return new OutputField(
            name,
            [column, $"(select x.pulp_type from {master} x where x.pulp_id = {column})"],
            (json, row, at) =>
            {
                if (row.IsNull(at) || row.IsNull(at + 1))
                {
                    json.WriteNullValue();
                }
                else
                {
                    json.WriteStringValue(registry.ForType(master, row.Text(at + 1)).Href(row.Domain, row.Id(at)));
                }
            },
            schema
        );
    }

    /// <summary>A reference to a kind that is its table's only one.</summary>
    private static OutputField OfOwnTable(string name, string column, ResourceKind kind, JsonObject schema) =>
        new(
            name,
            kind.ParentField is { } parent
                ? [column, $"(select x.{parent.Column} from {kind.MasterTable} x where x.{kind.KeyColumn} = {column})"]
                : [column],
            (json, row, at) =>
            {
                if (row.IsNull(at))
                {
                    json.WriteNullValue();
                }
                else
                {
                    json.WriteStringValue(
                        kind.Href(row.Domain, Outputs.Key(kind, row, at), Outputs.ParentKey(kind, row, at + 1))
                    );
                }
            },
            schema
        );

    /// <summary>A reference to a version, whose href is its repository's and its number.</summary>
    public static OutputField OfVersion(string name, string column, ResourceRegistry registry, JsonObject schema) =>
        new(
            name,
            [
                $"(select x.repository_id from core_repositoryversion x where x.pulp_id = {column})",
                $"(select y.pulp_type from core_repositoryversion x join core_repository y on y.pulp_id = x.repository_id where x.pulp_id = {column})",
                $"(select x.number from core_repositoryversion x where x.pulp_id = {column})",
            ],
            (json, row, at) =>
            {
                if (row.IsNull(at) || row.IsNull(at + 1))
                {
                    json.WriteNullValue();
                }
                else
                {
                    var repository = registry.ForType("core_repository", row.Text(at + 1)).Href(row.Domain, row.Id(at));
                    json.WriteStringValue($"{repository}versions/{row.Integer(at + 2)}/");
                }
            },
            schema
        );
}
