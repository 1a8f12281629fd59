using System.Text.Json.Nodes;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>Makes the members of a kind's JSON from its fields.</summary>
internal static class Outputs
{
    /// <summary>The members every resource begins with, then its own fields in the order they are declared.</summary>
    public static void AddStandard(ResourceKind kind, ResourceRegistry registry)
    {
        AddIdentity(kind, registry);
        foreach (var field in kind.Fields.Where(f => f.Shown))
        {
            kind.Outputs.Add(FromField(kind, field, registry));
        }
    }

    public static void AddIdentity(ResourceKind kind, ResourceRegistry registry)
    {
        if (kind.IsGeneric)
        {
            AddGenericIdentity(kind, registry);
            return;
        }

        var prn = $"prn:{kind.Model}:";
        kind.Outputs.Add(
            kind.ParentField is { } parent
                ? new OutputField(
                    "pulp_href",
                    [kind.Key, kind.Column(parent)],
                    (json, row, at) =>
                        json.WriteStringValue(kind.Href(row.Domain, Key(kind, row, at), ParentKey(kind, row, at + 1))),
                    Schemas.ReadOnlyUri()
                )
                : new OutputField("pulp_href", [kind.Key], WithHref(kind), Schemas.ReadOnlyUri())
        );
        kind.Outputs.Add(new OutputField("prn", [kind.Key], WithPrn(kind, prn), Schemas.ReadOnlyText()));
    }

    public static object Key(ResourceKind kind, RowReader row, int at) =>
        kind.HasIntegerKey ? row.Integer(at) : row.Id(at);

    public static object? ParentKey(ResourceKind kind, RowReader row, int at) =>
        kind.Parent is { } parent ? Key(parent.Kind, row, at) : null;

    private static WriteField WithHref(ResourceKind kind) =>
        kind.HasIntegerKey
            ? (json, row, at) => json.WriteStringValue(kind.Href(row.Domain, row.Integer(at)))
            : (json, row, at) => row.WriteName(json, at, kind.Root(row.Domain), kind.Path, "/");

    private static WriteField WithPrn(ResourceKind kind, string prefix) =>
        kind.HasIntegerKey
            ? (json, row, at) => json.WriteStringValue($"{prefix}{row.Integer(at)}")
            : (json, row, at) => row.WriteName(json, at, prefix, "", "");

    /// <summary>Each row's own href and PRN; a row whose plugin is gone keeps the list readable.</summary>
    private static void AddGenericIdentity(ResourceKind kind, ResourceRegistry registry)
    {
        WriteField Write(Func<DomainScope, ResourceKind, Guid, string> name) =>
            (json, row, at) =>
            {
                if (registry.TryType(kind.MasterTable, row.Text(at + 1), out var own))
                {
                    json.WriteStringValue(name(row.Domain, own, row.Id(at)));
                }
                else
                {
                    json.WriteNullValue();
                }
            };

        kind.Outputs.Add(
            new OutputField(
                "pulp_href",
                ["m.pulp_id", "m.pulp_type"],
                Write((domain, k, id) => k.Href(domain, id)),
                Schemas.ReadOnlyUri()
            )
        );
        kind.Outputs.Add(
            new OutputField("prn", ["m.pulp_id", "m.pulp_type"], Write((_, k, id) => k.Prn(id)), Schemas.ReadOnlyText())
        );
    }

    private static OutputField FromField(ResourceKind kind, FieldDescriptor field, ResourceRegistry registry)
    {
        var column = kind.Column(field);
        return field.Attribute.References is { } target
            ? ReferenceOutputs.Of(field.Name, column, target, registry, Schemas.ForOutput(field))
            : new OutputField(field.Name, [column], Writer(field.Type), Schemas.ForOutput(field));
    }

    /// <summary>JSON made by a subquery.</summary>
    public static OutputField RawJson(string name, string select, string whenNull, JsonObject schema) =>
        new(
            name,
            [select],
            (json, row, at) =>
            {
                if (row.IsNull(at))
                {
                    json.WriteRawValue(whenNull, skipInputValidation: true);
                }
                else
                {
                    row.WriteJson(json, at);
                }
            },
            schema
        );

    /// <summary>A list of users or groups, whose keys are numbers: each with its name, href and PRN.</summary>
    /// <param name="member">The member.</param>
    /// <param name="pairs">Selects a JSON list of pairs of number and name.</param>
    /// <param name="of">What they are: their names' member, their path and their model.</param>
    /// <param name="withId">Whether the number is shown, too.</param>
    /// <param name="item">The schema of each.</param>
    public static OutputField Holders(
        string member,
        string pairs,
        (string NameMember, string Path, string Model) of,
        bool withId,
        JsonObject item
    ) =>
        new(
            member,
            [pairs],
            (json, row, at) =>
            {
                json.WriteStartArray();
                using var list = System.Text.Json.JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
                foreach (var pair in list.RootElement.EnumerateArray())
                {
                    json.WriteStartObject();
                    json.WriteString(of.NameMember, pair[1].GetString());
                    json.WriteString("pulp_href", $"{row.Domain.SharedRoot}{of.Path}{pair[0].GetInt64()}/");
                    json.WriteString("prn", $"prn:{of.Model}:{pair[0].GetInt64()}");
                    if (withId)
                    {
                        json.WriteNumber("id", pair[0].GetInt64());
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
            },
            Schemas.Array(item).ReadOnly()
        );

    /// <summary>Says which secrets are set, never what they are.</summary>
    /// <param name="secrets">Their names, and the condition under which each is set.</param>
    public static OutputField HiddenFields(IReadOnlyList<(string Name, string IsSet)> secrets) =>
        new(
            "hidden_fields",
            [.. secrets.Select(s => s.IsSet)],
            (json, row, at) =>
            {
                json.WriteStartArray();
                for (var i = 0; i < secrets.Count; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("name", secrets[i].Name);
                    json.WriteBoolean("is_set", row.Flag(at + i));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            },
            Schemas
                .Array(Schemas.Of([("name", Schemas.Text()), ("is_set", Schemas.Boolean())], "is_set", "name"))
                .ReadOnly()
        );

    public static WriteField Writer(FieldType type) =>
        type switch
        {
            FieldType.Text => OrNull((json, row, at) => row.WriteText(json, at)),
            FieldType.Integer => OrNull((json, row, at) => json.WriteNumberValue(row.Integer(at))),
            FieldType.Number => OrNull((json, row, at) => json.WriteNumberValue(row.Number(at))),
            FieldType.Boolean => OrNull((json, row, at) => json.WriteBooleanValue(row.Flag(at))),
            FieldType.Timestamp => OrNull((json, row, at) => row.WriteMoment(json, at)),
            FieldType.Json => OrNull((json, row, at) => row.WriteJson(json, at)),
            FieldType.Reference => OrNull((json, row, at) => json.WriteStringValue(row.Id(at))),
            _ => throw new InvalidOperationException($"Field type {type} isn't known."),
        };

    private static WriteField OrNull(WriteField write) =>
        (json, row, at) =>
        {
            if (row.IsNull(at))
            {
                json.WriteNullValue();
            }
            else
            {
                write(json, row, at);
            }
        };
}
