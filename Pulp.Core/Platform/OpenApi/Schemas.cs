using System.Text.Json.Nodes;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>Makes JSON schemas in the dialect of OpenAPI 3.1 that Pulp's document uses.</summary>
internal static class Schemas
{
    private const string Prefix = "#/components/schemas/";

    public static JsonObject Text(string? help = null) => Help(new JsonObject { ["type"] = "string" }, help);

    public static JsonObject NonEmptyText(string? help = null)
    {
        var text = Text(help);
        text["minLength"] = 1;
        return text;
    }

    public static JsonObject Uri(string? help = null) =>
        Help(new JsonObject { ["type"] = "string", ["format"] = "uri" }, help);

    public static JsonObject Binary(string help) =>
        Help(
            new JsonObject
            {
                ["type"] = "string",
                ["format"] = "binary",
                ["writeOnly"] = true,
            },
            help
        );

    public static JsonObject Integer(string? help = null) =>
        Help(new JsonObject { ["type"] = "integer", ["format"] = "int64" }, help);

    public static JsonObject Boolean(string? help = null) => Help(new JsonObject { ["type"] = "boolean" }, help);

    public static JsonObject Timestamp(string? help = null) =>
        Help(new JsonObject { ["type"] = "string", ["format"] = "date-time" }, help);

    public static JsonObject Any() => [];

    public static JsonObject Object(string? help = null) => Help(new JsonObject { ["type"] = "object" }, help);

    public static JsonObject Array(JsonObject items, string? help = null) =>
        Help(new JsonObject { ["type"] = "array", ["items"] = items }, help);

    public static JsonObject Map(JsonNode values) => new() { ["type"] = "object", ["additionalProperties"] = values };

    public static JsonObject Ref(string name) => new() { ["$ref"] = Prefix + name };

    public static JsonObject ReadOnly(this JsonObject schema)
    {
        schema["readOnly"] = true;
        return schema;
    }

    public static JsonObject WriteOnly(this JsonObject schema)
    {
        schema["writeOnly"] = true;
        return schema;
    }

    public static JsonObject OrNull(this JsonObject schema)
    {
        schema["type"] = new JsonArray(schema["type"]?.DeepClone(), "null");
        return schema;
    }

    public static JsonObject Between(this JsonObject schema, long minimum, long maximum)
    {
        schema["minimum"] = minimum;
        schema["maximum"] = maximum;
        return schema;
    }

    public static JsonObject ReadOnlyUri() => Uri().ReadOnly();

    public static JsonObject ReadOnlyText() => Text().ReadOnly();

    /// <summary>An object of members, of which some are required.</summary>
    public static JsonObject Of(IEnumerable<(string Name, JsonObject Schema)> members, params string[] required)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in members)
        {
            properties[name] = schema;
        }

        var all = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Length > 0)
        {
            all["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]);
        }

        return all;
    }

    public static JsonObject Parameter(FieldType type) =>
        type switch
        {
            FieldType.Integer => new JsonObject { ["type"] = "integer" },
            FieldType.Number => new JsonObject { ["type"] = "number" },
            FieldType.Boolean => Boolean(),
            FieldType.Timestamp => Timestamp(),
            FieldType.Reference => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
            _ => Text(),
        };

    public static JsonObject ListParameter(FieldType type) => Array(Parameter(type));

    public static JsonObject Choice(IEnumerable<string> choices) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. choices.Select(c => (JsonNode)c)]) };

    public static JsonObject ListOfChoices(IEnumerable<string> choices) => Array(Choice(choices));

    /// <summary>Names of the schemas that are referred to.</summary>
    public static IEnumerable<string> NamesIn(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.SelectMany(m =>
                m.Key == "$ref"
                && m.Value?.ToString() is { } reference
                && reference.StartsWith(Prefix, StringComparison.Ordinal)
                    ? [reference[Prefix.Length..]]
                    : NamesIn(m.Value)
            ),
            JsonArray items => items.SelectMany(NamesIn),
            _ => [],
        };

    /// <summary>A field as it is shown.</summary>
    public static JsonObject ForOutput(FieldDescriptor field)
    {
        var schema = Base(field);
        return field.Attribute.ReadOnly ? schema.ReadOnly() : schema;
    }

    /// <summary>A field as it is accepted.</summary>
    public static JsonObject ForInput(FieldDescriptor field)
    {
        var schema = Base(field);
        if (field.Type == FieldType.Text && field.Attribute is { References: null, AllowBlank: false, Choices: null })
        {
            schema["minLength"] = 1;
        }

        if (field.Attribute.MaxLength > 0)
        {
            schema["maxLength"] = field.Attribute.MaxLength;
        }

        if (field.Attribute.IsFile)
        {
            schema["format"] = "binary";
        }

        return field.Attribute is { Secret: false, WriteOnly: false } ? schema : schema.WriteOnly();
    }

    private static JsonObject Base(FieldDescriptor field)
    {
        var schema = field.Attribute switch
        {
            { References: not null } when field.Type == FieldType.References => Array(Uri()),
            { References: not null } => Uri(),
            { Choices: { } choices } => Choice(choices),
            { Json: JsonShape.Labels } => Map(new JsonObject { ["type"] = new JsonArray("string", "null") }),
            { Json: JsonShape.ListOfObjects } => Array(Object()),
            { Json: JsonShape.ListOfStrings } => Array(Text()),
            { Json: JsonShape.Object } => Object(),
            { Json: JsonShape.Any } => Any(),
            _ => field.Type switch
            {
                FieldType.Integer => Integer(),
                FieldType.Number => new JsonObject { ["type"] = "number", ["format"] = "double" },
                FieldType.Boolean => Boolean(),
                FieldType.Timestamp => Timestamp(),
                _ => Text(),
            },
        };
        if (field.Nullable && schema.ContainsKey("type"))
        {
            schema.OrNull();
        }

        if (!double.IsNaN(field.Attribute.Minimum))
        {
            schema["minimum"] = field.Attribute.Minimum;
        }

        if (!double.IsNaN(field.Attribute.Maximum))
        {
            schema["maximum"] = field.Attribute.Maximum;
        }

        if (
            field is
            {
                Required: false,
                Attribute.ReadOnly: false,
                Default: string or bool,
                Type: FieldType.Text or FieldType.Boolean
            }
        )
        {
            schema["default"] = field.Default is bool flag ? flag : (string)field.Default;
        }

        return Help(schema, field.Attribute.Help);
    }

    private static JsonObject Help(JsonObject schema, string? help)
    {
        if (help is not null)
        {
            schema["description"] = help;
        }

        return schema;
    }
}
