using System.Text.Json;
using PulpPython.Metadata;

namespace PulpPython.Sync;

/// <summary>Core metadata as an index's JSON API has it: of one release, the newest.</summary>
/// <param name="Metadata">The metadata.</param>
/// <param name="ProjectUrl">The project's page at the index.</param>
internal sealed record ReleaseInfo(CoreMetadata Metadata, string ProjectUrl)
{
    public static ReleaseInfo Read(JsonElement info, string project) =>
        new(
            new CoreMetadata
            {
                MetadataVersion = Text("metadata_version", info),
                Name = Text("name", info) is { Length: > 0 } name ? name : project,
                Version = Text("version", info),
                Summary = Text("summary", info),
                Description = Text("description", info),
                DescriptionContentType = Text("description_content_type", info),
                Keywords = Text("keywords", info),
                HomePage = Text("home_page", info),
                DownloadUrl = Text("download_url", info),
                Author = Text("author", info),
                AuthorEmail = Text("author_email", info),
                Maintainer = Text("maintainer", info),
                MaintainerEmail = Text("maintainer_email", info),
                License = Text("license", info),
                LicenseExpression = Text("license_expression", info),
                LicenseFiles = List("license_files", info) is { Count: > 0 } files ? files : List("license_file", info),
                Platforms = Text("platform", info) is { Length: > 0 } platform ? [platform] : [],
                Classifiers = List("classifiers", info),
                Dynamic = List("dynamic", info),
                RequiresDist = List("requires_dist", info),
                RequiresPython = Text("requires_python", info),
                RequiresExternal = List("requires_external", info),
                ProvidesExtras = List("provides_extra", info) is { Count: > 0 } extras
                    ? extras
                    : List("provides_extras", info),
                ProvidesDist = List("provides_dist", info),
                ObsoletesDist = List("obsoletes_dist", info),
                ProjectUrls =
                [
                    .. SimpleJson
                        .Texts(SimpleJson.Member(info, "project_urls", JsonValueKind.Object))
                        .Select(l => new ProjectLink(Clean(l.Key), Clean(l.Value))),
                ],
            },
            Text("project_url", info)
        );

    private static string Text(string name, JsonElement info) => Clean(SimpleJson.Text(info, name) ?? "");

    private static IReadOnlyList<string> List(string name, JsonElement info) =>
        SimpleJson.Member(info, name, JsonValueKind.Array) is { } list
            ?
            [
                .. list.EnumerateArray()
                    .Where(v => v.ValueKind == JsonValueKind.String)
                    .Select(v => Clean(v.GetString() ?? "")),
            ]
            : [];

    /// <summary>PostgreSQL's texts hold every character but this one.</summary>
    private static string Clean(string text) => text.WithoutNul();
}
