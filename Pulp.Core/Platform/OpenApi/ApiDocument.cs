using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The API document, written from the operations as they are mapped: what isn't there can't be promised.</summary>
internal sealed class ApiDocument(
    ApiOperations operations,
    ResourceRegistry registry,
    ComponentVersions versions,
    DomainDirectory domains
)
{
    private readonly ConcurrentDictionary<DocumentForm, byte[]> _documents = new();

    /// <summary>Each form is built when it is first asked for.</summary>
    public ReadOnlyMemory<byte> Json(DocumentForm form) => _documents.GetOrAdd(form, Build);

    /// <summary>The same with the server's address, which generated clients take for their default.</summary>
    public ReadOnlyMemory<byte> Json(DocumentForm form, string server)
    {
        var document = _documents.GetOrAdd(form, Build);
        var address = JavaScriptEncoder.Default.Encode(server);
        return (byte[])
            [
                .. document.AsSpan(0, document.Length - 1),
                .. Encoding.UTF8.GetBytes($",\"servers\":[{{\"url\":\"{address}\"}}]}}"),
            ];
    }

    /// <summary>The form that the names mean.</summary>
    /// <param name="components">The components wanted; null is all.</param>
    /// <param name="bindings">Whether clients are to be generated from it.</param>
    /// <param name="keysInPaths">Whether paths hold keys instead of whole hrefs.</param>
    /// <exception cref="BadRequestException">A component isn't installed.</exception>
    public DocumentForm Form(IReadOnlyCollection<string>? components, bool bindings, bool keysInPaths)
    {
        if (components is not null && (components.Count == 0 || components.Any(c => !versions.All.ContainsKey(c))))
        {
            throw new BadRequestException("Invalid component specified.");
        }

        // In one order, so that no client can have many forms made.
        var names = (components ?? [.. versions.All.Keys])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return new DocumentForm(string.Join(',', names), bindings, keysInPaths);
    }

    private byte[] Build(DocumentForm form)
    {
        var wanted = form.Components.Split(',').ToHashSet(StringComparer.Ordinal);
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var operation in operations.Documented.Where(o => wanted.Contains(ComponentOf(o))))
        {
            var path = form.KeysInPaths ? KeyPaths.PathOf(operation) : operation.DocumentPath;
            if (domains.IsNamed)
            {
                path = DomainPlaces.PathOf(operation, path);
            }

            if (!paths.TryGetValue(path, out var item))
            {
                paths[path] = item = [];
            }

            item[operation.Method.ToLowerInvariant()] = OperationDescription.Of(operation, form, path);
        }

        var all = new JsonObject(paths.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = Info(wanted),
            ["paths"] = all,
            ["components"] = new JsonObject
            {
                ["schemas"] = Referenced(all),
                ["responses"] = ErrorAnswers.Responses(),
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
        return JsonSerializer.SerializeToUtf8Bytes(document, WireJson.Options);
    }

    private JsonObject Info(HashSet<string> wanted)
    {
        var apps = new JsonObject();
        foreach (var (component, version) in versions.All.Where(v => v.Key == "core" || wanted.Contains(v.Key)))
        {
            apps[component] = version;
        }

        return new JsonObject
        {
            ["title"] = "Pulp 3 API",
            ["version"] = "v3",
            ["description"] = "Fetch, upload, organize and distribute software packages.",
            ["license"] = new JsonObject
            {
                ["name"] = "GNU General Public License v2.0 or later",
                ["identifier"] = "GPL-2.0-or-later",
            },
            ["x-pulp-app-versions"] = apps,
            ["x-pulp-domain-enabled"] = domains.IsNamed,
        };
    }

    /// <summary>The component that an operation belongs to: its kind's, else Core.</summary>
    private string ComponentOf(Operation operation) =>
        operation.Component
        ?? registry
            .All.Where(k => operation.Id.StartsWith(k.OperationStem + "_", StringComparison.Ordinal))
            .MaxBy(k => k.OperationStem.Length)
            ?.AppLabel
        ?? "core";

    /// <summary>The schemas that the paths need, directly or through others.</summary>
    private JsonObject Referenced(JsonObject paths)
    {
        var found = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        var open = new Queue<JsonNode?>([paths, ErrorAnswers.Responses()]);
        while (open.TryDequeue(out var node))
        {
            foreach (var name in Schemas.NamesIn(node).Where(n => !found.ContainsKey(n)))
            {
                var schema = operations.Schemas[name].DeepClone();
                found[name] = schema;
                open.Enqueue(schema);
            }
        }

        return new JsonObject(found);
    }
}

/// <summary>Which document is wanted.</summary>
/// <param name="Components">Names of the components, joined by commas.</param>
/// <param name="Bindings">Operations are called by their action alone, as generated clients group them by tag.</param>
/// <param name="KeysInPaths">Paths hold keys instead of whole hrefs.</param>
internal sealed record DocumentForm(string Components, bool Bindings, bool KeysInPaths);
