using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;

namespace Pulp.Core.Contents;

/// <summary>What requests that make a unit of a file look like in the API document.</summary>
internal static class ContentUploadSchemas
{
    public static void AddTo(
        ApiOperations operations,
        ResourceRegistry registry,
        ResourceKind kind,
        ContentDeclaration declaration
    )
    {
        var fields = kind.Fields.Concat(declaration.Input?.Fields ?? []).Where(f => f.Writable).ToList();
        var own = fields.Select(f => (f.Name, Schema: Schemas.ForInput(f))).ToList();
        var source = Sources(own.Select(o => o.Name));
        string[] required = [.. fields.Where(f => f.Required).Select(f => f.Name)];
        operations.Schema(
            kind.SchemaName,
            Schemas.Of(
                [
                    (
                        "repository",
                        Schemas.Uri("A URI of a repository the new content unit should be associated with.").WriteOnly()
                    ),
                    ("overwrite", Schemas.Boolean("Whether a unit of the repository may be replaced.").WriteOnly()),
                    .. own,
                    .. source,
                ],
                required
            )
        );
        operations.Schema(
            $"{kind.ModelName}Upload",
            Schemas.Of(
                [
                    .. own.Select(o => (o.Name, (JsonObject)o.Schema.DeepClone())),
                    .. source.Select(s => (s.Name, (JsonObject)s.Schema.DeepClone())),
                ],
                required
            )
        );
        operations.Schema($"{kind.ModelName}UploadResponse", ResourceSchemas.Response(kind));
        operations.Schema($"{kind.SchemaName}Response", ResourceSchemas.Response(kind));
        operations.Schema("RemoteNetworkConfig", NetworkSettings(registry));
    }

    /// <summary>Where the file comes from, and what digests it has but for those that are fields of the unit.</summary>
    private static List<(string Name, JsonObject Schema)> Sources(IEnumerable<string> fields) =>
        [
            ("artifact", Schemas.Uri("Artifact file representing the physical content")),
            ("file", Schemas.Binary("An uploaded file that may be turned into the content unit.")),
            ("upload", Schemas.Uri("An uncommitted upload that may be turned into the content unit.").WriteOnly()),
            ("file_url", Schemas.Text("A url that Pulp can download and turn into the content unit.").WriteOnly()),
            ("downloader_config", Schemas.Ref("RemoteNetworkConfig")),
            .. Digests
                .Names.Except(fields, StringComparer.Ordinal)
                .Select(digest =>
                    (digest, Schemas.NonEmptyText($"The expected {digest} digest of the file.").WriteOnly())
                ),
        ];

    private static JsonObject NetworkSettings(ResourceRegistry registry) =>
        Schemas.Of(
            registry
                .For<Remote>()
                .Fields.Where(f =>
                    f is { Writable: true, OnDetail: false }
                    && f.Name is not ("name" or "url" or "policy" or "pulp_labels")
                )
                .Select(f => (f.Name, Schemas.ForInput(f)))
        );
}
