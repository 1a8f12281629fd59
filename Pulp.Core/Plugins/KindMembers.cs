using System.Text.Json.Nodes;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>Members and filters of the plugin's own.</summary>
internal static class KindMembers
{
    public static void Add(ResourceKind kind, KindDeclaration declaration, KindContext context)
    {
        foreach (var member in declaration.Shown)
        {
            if (kind.Outputs.Exists(o => o.Name == member.Name))
            {
                throw new DeclarationException($"{kind.ModelName}: it has a member {member.Name} already.");
            }

            kind.Outputs.Add(Output(member, context));
        }

        foreach (var member in declaration.TakenBack)
        {
            kind.ExtraInputs.Add((member.Name, Taken(member)));
        }

        foreach (var filter in declaration.Filters)
        {
            kind.Add(Filter(filter));
        }
    }

    private static Filter Filter(FilterDeclaration filter) =>
        Filters.Sync(
            filter.Name,
            filter.IsList ? Schemas.ListParameter(filter.Type) : Schemas.Parameter(filter.Type),
            (input, given) =>
            {
                try
                {
                    object? read = filter.IsList ? Filters.Split(given) : FieldFilters.Parse(input, filter.Type, given);
                    return read is { } value ? (SqlText)$"({PluginStatement.Check(filter.Condition(value))})" : null;
                }
                catch (ValidationException error)
                {
                    // Told with whatever else is wrong with the request.
                    foreach (var (field, message) in error.Messages.SelectMany(m => m.Value.Select(t => (m.Key, t))))
                    {
                        input.Errors.Add(field, message);
                    }

                    return null;
                }
            }
        );

    private static OutputField Output(ShownMember member, KindContext context)
    {
        var sql = $"({PluginStatement.Check(member.Sql).Constant(context.IsPostgres)})";
        if (member.IsList)
        {
            return member.References is { } listed
                ? Hrefs(member, sql, listed, context)
                : Outputs.RawJson(member.Name, ListOf("s.value", sql, context), "[]", Shown(member, Schemas.Text()));
        }

        return member.References is { } target
            ? ReferenceOutputs.Of(member.Name, sql, target, context.Registry, Shown(member, Schemas.Uri()))
            : new OutputField(member.Name, [sql], Outputs.Writer(member.Type), Shown(member, SchemaOf(member.Type)));
    }

    private static OutputField Hrefs(ShownMember member, string sql, Type target, KindContext context)
    {
        // A record says its kind by itself; of a family, each row does.
        var kind = target.IsAbstract ? null : context.Registry.For(target);
        var master = kind is null ? MasterTables.Of(target) : "";
        var also =
            kind is null ? $"(select x.pulp_type from {master} x where x.pulp_id = s.value)"
            : kind.ParentField is { } parent
                ? $"(select x.{parent.Column} from {kind.MasterTable} x where x.{kind.KeyColumn} = s.value)"
            : "''";
        var pair = context.IsPostgres ? $"json_build_array({also}, s.value)" : $"json_array({also}, s.value)";
        return new OutputField(
            member.Name,
            [ListOf(pair, sql, context)],
            (json, row, at) =>
            {
                using var list = System.Text.Json.JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
                json.WriteStartArray();
                foreach (var one in list.RootElement.EnumerateArray())
                {
                    var own = kind ?? context.Registry.ForType(master, one[0].GetString() ?? "");
                    Guid? parent = own.Parent is null ? null : one[0].GetGuid();
                    json.WriteStringValue(own.Href(row.Domain, one[1].GetGuid(), parent));
                }

                json.WriteEndArray();
            },
            Shown(member, Schemas.Uri())
        );
    }

    private static string ListOf(string element, string sql, KindContext context) =>
        $"(select {(context.IsPostgres ? "json_agg" : "json_group_array")}({element}) from {sql} s)";

    private static JsonObject SchemaOf(FieldType type) =>
        type == FieldType.Json ? Schemas.Any() : Schemas.Parameter(type);

    private static JsonObject Taken(ShownMember member)
    {
        var schema = member.References is not null ? Schemas.Uri() : SchemaOf(member.Type);
        return member.IsList ? Schemas.Array(schema, member.Help) : schema;
    }

    private static JsonObject Shown(ShownMember member, JsonObject schema)
    {
        var shown = member.IsList ? Schemas.Array(schema) : schema;
        shown["description"] = member.Help;
        return (member.IsList || member.Type == FieldType.Json ? shown : shown.OrNull()).ReadOnly();
    }
}
