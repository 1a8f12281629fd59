using System.Text;
using Pulp.PluginSdk.Errors;
using PulpPython.Names;

namespace PulpPython.Sync;

/// <summary>Reads the pages of a simple index that are HTML (PEP 503, 592, 658, 708, 714, 740).</summary>
internal static class SimpleHtml
{
    private const string VersionName = "pypi:repository-version";

    /// <exception cref="UpstreamException">It is no list of files, or of a version that isn't known.</exception>
    public static async Task<SimplePage> ReadProjectAsync(
        Stream stream,
        string project,
        Uri page,
        CancellationToken cancellationToken
    )
    {
        var files = new List<IndexFile>();
        var (tracks, alternates) = (new List<string>(), new List<string>());
        var isIndex = false;
        var from = page;
        foreach (var tag in HtmlTags.Of(await TextAsync(stream, cancellationToken)))
        {
            from = Base(tag, page) ?? from;
            isIndex |= CheckVersion(tag);
            Located(tag, "pypi:tracks", tracks);
            Located(tag, "pypi:alternate-locations", alternates);
            if (tag.Name == "a" && tag["href"] is { } link && File(tag, link, project, from) is { } file)
            {
                files.Add(file);
            }
        }

        // Any page can be HTML: one that neither says what it is nor links to a package is something else.
        return isIndex || files.Count > 0
            ? new SimplePage(files) { Locations = ProjectLocations.Of(page, tracks, alternates) }
            : throw new UpstreamException("is no list of files");
    }

    /// <exception cref="UpstreamException">It is no list of projects.</exception>
    public static async Task<IReadOnlyList<ListedProject>> ReadListAsync(
        Stream stream,
        Uri page,
        CancellationToken cancellationToken
    )
    {
        var projects = new List<ListedProject>();
        var isIndex = false;
        var from = page;
        foreach (var tag in HtmlTags.Of(await TextAsync(stream, cancellationToken)))
        {
            from = Base(tag, page) ?? from;
            isIndex |= CheckVersion(tag);
            if (
                tag.Name == "a"
                && tag["href"] is { } link
                && IndexLinks.TryResolve(from, link, out var url)
                && Name(page, url, tag.Text) is { } name
            )
            {
                projects.Add(new ListedProject(name, Serial: null));
            }
        }

        return isIndex || projects.Count > 0 ? projects : throw new UpstreamException("is no list of projects");
    }

    /// <summary>A project's page is right below the list's; its name is the link's text, or else what the link leads to.</summary>
    private static string? Name(Uri page, Uri url, string text)
    {
        var root = page.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";
        var at = url.GetLeftPart(UriPartial.Path);
        if (!at.StartsWith(root, StringComparison.Ordinal) || at[root.Length..].TrimEnd('/') is not { } rest)
        {
            return null;
        }

        var path = Uri.UnescapeDataString(rest);
        return !ProjectName.IsValid(path) ? null
            : ProjectName.IsValid(text) && ProjectName.Normalize(text) == ProjectName.Normalize(path) ? text
            : path;
    }

    private static IndexFile? File(HtmlTag tag, string link, string project, Uri from)
    {
        if (
            !IndexLinks.TryResolve(from, link, out var url)
            || SimplePage.File(project, IndexLinks.Filename(url), url) is not { } file
        )
        {
            return null;
        }

        var digest = IndexLinks.Digest(url.Fragment);
        var promised = tag["data-core-metadata"] ?? tag["data-dist-info-metadata"];
        var metadata = IndexLinks.Digest(promised);
        return file with
        {
            Sha256 = digest?.Key == "sha256" ? IndexLinks.Sha256(digest.Value.Value) : null,
            OtherDigests = IndexLinks.Others(digest is { } one ? [one] : []),
            RequiresPython = tag["data-requires-python"] ?? "",
            Yanked = tag["data-yanked"],
            HasMetadata = promised is not null and not "false",
            MetadataSha256 = metadata?.Key == "sha256" ? IndexLinks.Sha256(metadata.Value.Value) : null,
            ProvenanceUrl =
                tag["data-provenance"] is { } provenance && IndexLinks.TryResolve(from, provenance, out var at)
                    ? IndexLinks.WithoutFragment(at)
                    : null,
        };
    }

    /// <summary>PEP 708: an address of the project elsewhere.</summary>
    private static void Located(HtmlTag tag, string name, List<string> links)
    {
        if (tag.Name == "meta" && tag["name"] == name && tag["content"] is { } link)
        {
            links.Add(link);
        }
    }

    private static Uri? Base(HtmlTag tag, Uri page) =>
        tag.Name == "base" && tag["href"] is { } link && IndexLinks.TryResolve(page, link, out var url) ? url : null;

    /// <summary>True where the page says which version of a simple index it is.</summary>
    private static bool CheckVersion(HtmlTag tag)
    {
        if (tag.Name != "meta" || tag["name"] != VersionName)
        {
            return false;
        }

        var version = tag["content"] ?? "";
        return version.Split('.')[0] == "1"
            ? true
            : throw new UpstreamException($"has version {version}, which is not known here");
    }

    private static async Task<string> TextAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
