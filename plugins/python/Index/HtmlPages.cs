using System.Net;
using System.Text;

namespace PulpPython.Index;

/// <summary>The simple index as HTML (PEP 503, 592, 629, 658, 708, 714, 740).</summary>
internal static class HtmlPages
{
    /// <summary>Of the index that these pages are (PEP 629).</summary>
    public const string ApiVersion = "1.1";

    public static byte[] Projects(IReadOnlyList<ProjectEntry> projects)
    {
        var page = Begin("Simple index");
        foreach (var project in projects)
        {
            page.Append("<a href=\"").Append(project.NameNormalized).Append("/\">");
            page.Append(WebUtility.HtmlEncode(project.Name)).Append("</a><br/>\n");
        }

        return End(page);
    }

    public static byte[] Files(ProjectPage shown, FileLinks links)
    {
        var project = shown.Project;
        var page = Begin($"Links for {project}", shown);
        page.Append("<h1>Links for ").Append(project).Append("</h1>\n");
        foreach (var file in shown.Files)
        {
            page.Append("<a href=\"").Append(WebUtility.HtmlEncode(links.File(file.Filename)));
            page.Append(file.Sha256.Length > 0 ? "#sha256=" : "").Append(file.Sha256).Append("\" rel=\"internal\"");
            Attribute(page, "data-requires-python", file.RequiresPython);
            var metadata =
                file.MetadataSha256 is { } digest ? $"sha256={digest}"
                : file.HasUnknownMetadata ? "true"
                : "";
            Attribute(page, "data-dist-info-metadata", metadata);
            Attribute(page, "data-core-metadata", metadata);

            if (file.YankReason is { } reason)
            {
                page.Append(" data-yanked=\"").Append(WebUtility.HtmlEncode(reason)).Append('"');
            }

            Attribute(page, "data-provenance", file.HasProvenance ? links.Provenance(project, file) : "");
            page.Append('>').Append(WebUtility.HtmlEncode(file.Filename)).Append("</a><br/>\n");
        }

        return End(page);
    }

    private static StringBuilder Begin(string title, ProjectPage? shown = null)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
        Meta(page, "repository-version", shown?.ApiVersion ?? ApiVersion);
        foreach (var tracked in shown?.Locations.Tracks ?? [])
        {
            Meta(page, "tracks", tracked);
        }

        foreach (var alternate in shown?.Locations.Alternates ?? [])
        {
            Meta(page, "alternate-locations", alternate);
        }

        return page.Append("<title>").Append(title).Append("</title>\n</head>\n<body>\n");
    }

    private static void Meta(StringBuilder page, string name, string content)
    {
        page.Append("<meta name=\"pypi:").Append(name).Append('"');
        Attribute(page, "content", content);
        page.Append(">\n");
    }

    private static byte[] End(StringBuilder page) =>
        Encoding.UTF8.GetBytes(page.Append("</body>\n</html>\n").ToString());

    private static void Attribute(StringBuilder page, string name, string value)
    {
        if (value.Length > 0)
        {
            page.Append(' ').Append(name).Append("=\"").Append(WebUtility.HtmlEncode(value)).Append('"');
        }
    }
}
