using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The API document, written from the operations as they are mapped: what isn't there can't be promised.</summary>
internal sealed class ApiDocument(ApiOperations operations, ComponentVersions versions)
{
    private readonly Lazy<byte[]> _json = new(() =>
        JsonSerializer.SerializeToUtf8Bytes(Build(operations, versions), WireJson.Options)
    );
    private byte[]? _yaml;

    /// <summary>Built when it is first asked for.</summary>
    public ReadOnlyMemory<byte> Json => _json.Value;

    public ReadOnlyMemory<byte> Yaml => _yaml ??= YamlText.From(JsonNode.Parse(_json.Value));

    private static JsonObject Build(ApiOperations operations, ComponentVersions versions)
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var operation in operations.All)
        {
            if (!paths.TryGetValue(operation.Path, out var item))
            {
                paths[operation.Path] = item = [];
            }

            item[operation.Method.ToLowerInvariant()] = Describe(operation);
        }

        var apps = new JsonObject();
        foreach (var (component, version) in versions.All)
        {
            apps[component] = version;
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Pulp 3 API",
                ["version"] = "v3",
                ["description"] = "Fetch, upload, organize and distribute software packages.",
                ["license"] = new JsonObject { ["name"] = "GPL-2.0-or-later" },
                ["x-pulp-app-versions"] = apps,
                ["x-pulp-domain-enabled"] = false,
            },
            ["paths"] = new JsonObject(paths.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(
                    operations
                        .Schemas.OrderBy(s => s.Key, StringComparer.Ordinal)
                        .Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.DeepClone()))
                ),
                ["securitySchemes"] = new JsonObject
                {
                    ["basicAuth"] = new JsonObject { ["type"] = "http", ["scheme"] = "basic" },
                    ["cookieAuth"] = new JsonObject
                    {
                        ["type"] = "apiKey",
                        ["in"] = "cookie",
                        ["name"] = Access.SessionAuthentication.Cookie,
                    },
                },
            },
        };
    }

    private static JsonObject Describe(Operation operation)
    {
        var item = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["summary"] = operation.Summary,
            ["parameters"] = new JsonArray([
                Parameter(new OperationParameter("X-Task-Diagnostics", "header", Schemas.Array(Schemas.Text()))),
                .. operation.Parameters.Select(Parameter),
            ]),
            ["tags"] = new JsonArray(operation.Tag),
        };
        if (operation.Body is { } body)
        {
            item["requestBody"] = new JsonObject { ["content"] = Forms(operation.Forms, body), ["required"] = true };
        }

        if (operation.Access is not AccessRule.Public)
        {
            item["security"] = new JsonArray(
                new JsonObject { ["basicAuth"] = new JsonArray() },
                new JsonObject { ["cookieAuth"] = new JsonArray() }
            );
        }

        var responses = new JsonObject();
        foreach (var (status, schema) in operation.Responses.OrderBy(r => r.Key))
        {
            var response = new JsonObject { ["description"] = Description(status) };
            if (schema is not null)
            {
                response["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = schema.DeepClone() },
                };
            }

            responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }

        item["responses"] = responses;
        return item;
    }

    private static string Description(int status) =>
        status switch
        {
            201 => "Created",
            202 => "A task does it",
            204 => "Done",
            409 => "It has ended already",
            _ => "",
        };

    private static JsonObject Forms(BodyForms forms, string schema)
    {
        JsonObject Content() => new() { ["schema"] = Schemas.Ref(schema) };
        return forms == BodyForms.FormsOnly
            ? new JsonObject { ["multipart/form-data"] = Content(), ["application/x-www-form-urlencoded"] = Content() }
            : new JsonObject
            {
                ["application/json"] = Content(),
                ["application/x-www-form-urlencoded"] = Content(),
                ["multipart/form-data"] = Content(),
            };
    }

    private static JsonNode Parameter(OperationParameter parameter)
    {
        var item = new JsonObject
        {
            ["in"] = parameter.In,
            ["name"] = parameter.Name,
            ["schema"] = parameter.Schema.DeepClone(),
        };
        if (parameter.Required)
        {
            item["required"] = true;
        }

        if (parameter.Compact)
        {
            item["explode"] = false;
            item["style"] = "form";
        }

        return item;
    }
}
