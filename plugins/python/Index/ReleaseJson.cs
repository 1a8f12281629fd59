using System.Text.Json;
using PulpPython.Packages;

namespace PulpPython.Index;

/// <summary>PyPI's JSON of a project or a release.</summary>
internal static class ReleaseJson
{
    /// <summary>The file whose release is shown: the one that is asked for, else the newest that is neither yanked nor a pre-release.</summary>
    /// <param name="files">The project's files, by release.</param>
    /// <param name="version">The version that is asked for; null for none.</param>
    public static ReleaseFile? Shown(IReadOnlyList<ReleaseFile> files, string? version)
    {
        if (version is not null)
        {
            var key = VersionKey.Of(version);
            return files.FirstOrDefault(f => key.Length > 0 ? f.VersionKey == key : f.Version == version);
        }

        return files.LastOrDefault(f => f.YankReason is null && IsFinal(f))
            ?? files.LastOrDefault(f => f.YankReason is null)
            ?? (files.Count > 0 ? files[^1] : null);
    }

    /// <param name="files">The project's files.</param>
    /// <param name="unit">A file of the release that is shown.</param>
    /// <param name="links">Where files are.</param>
    /// <param name="serial">When the project changed last.</param>
    public static byte[] Write(
        IReadOnlyList<ReleaseFile> files,
        PythonPackageContent unit,
        FileLinks links,
        long serial
    ) =>
        JsonPages.Write(json =>
        {
            json.WriteNumber("last_serial", serial);
            var urls = files.Where(f => IsOf(f, unit)).ToList();
            Info(json, unit, urls.Find(f => f.YankReason is not null)?.YankReason);
            json.WriteStartObject("releases");
            foreach (var release in files.GroupBy(f => f.Version, StringComparer.Ordinal))
            {
                Files(json, release.Key, release, links);
            }

            json.WriteEndObject();
            Files(json, "urls", urls, links);
        });

    private static bool IsFinal(ReleaseFile file) =>
        Versions.PythonVersion.TryParse(file.Version, out var version) && !version.IsPrerelease;

    private static bool IsOf(ReleaseFile file, PythonPackageContent unit) =>
        unit.VersionKey.Length > 0 ? file.VersionKey == unit.VersionKey : file.Version == unit.Version;

    private static void Info(Utf8JsonWriter json, PythonPackageContent unit, string? yanked)
    {
        json.WriteStartObject("info");
        json.WriteString("name", unit.Name);
        json.WriteString("version", unit.Version);
        json.WriteString("summary", unit.Summary);
        json.WriteString("keywords", unit.Keywords);
        json.WriteString("description", unit.Description);
        json.WriteString("description_content_type", unit.DescriptionContentType);
        json.WriteNull("bugtrack_url");
        json.WriteNull("docs_url");
        json.WriteStartObject("downloads");
        json.WriteNumber("last_day", -1);
        json.WriteNumber("last_month", -1);
        json.WriteNumber("last_week", -1);
        json.WriteEndObject();
        json.WriteString("download_url", unit.DownloadUrl);
        json.WriteString("home_page", unit.HomePage);
        json.WriteString("author", unit.Author);
        json.WriteString("author_email", unit.AuthorEmail);
        json.WriteString("maintainer", unit.Maintainer);
        json.WriteString("maintainer_email", unit.MaintainerEmail);
        json.WriteString("license", unit.License);
        json.WriteString("license_expression", unit.LicenseExpression);
        json.WriteString("requires_python", unit.RequiresPython.Length > 0 ? unit.RequiresPython : null);
        json.WriteString("package_url", unit.ProjectUrl);
        json.WriteString("project_url", unit.ProjectUrl);
        json.WriteString("release_url", unit.ProjectUrl.Length > 0 ? $"{unit.ProjectUrl}{unit.Version}/" : "");
        json.WriteString("platform", unit.Platform);
        Value(json, "project_urls", unit.ProjectUrls);
        Value(json, "requires_dist", unit.RequiresDist);
        Value(json, "classifiers", unit.Classifiers);
        Value(json, "provides_extras", unit.ProvidesExtras);
        Value(json, "dynamic", unit.Dynamic);
        Value(json, "license_file", unit.LicenseFile);
        json.WriteBoolean("yanked", yanked is not null);
        json.WriteString("yanked_reason", yanked is { Length: > 0 } ? yanked : null);
        json.WriteEndObject();
    }

    /// <summary>Lists are stored as JSON text; an empty one is null here.</summary>
    private static void Value(Utf8JsonWriter json, string name, string stored)
    {
        json.WritePropertyName(name);
        if (stored is "" or "[]" or "{}")
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(stored);
        }
    }

    private static void Files(Utf8JsonWriter json, string name, IEnumerable<ReleaseFile> files, FileLinks links)
    {
        json.WriteStartArray(name);
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("comment_text", "");
            json.WriteStartObject("digests");
            json.WriteString("md5", file.Md5 ?? "");
            json.WriteString("sha256", file.Sha256);
            json.WriteEndObject();
            json.WriteNumber("downloads", -1);
            json.WriteString("filename", file.Filename);
            json.WriteBoolean("has_sig", false);
            json.WriteString("md5_digest", file.Md5 ?? "");
            json.WriteString("packagetype", file.Packagetype);
            json.WriteString("python_version", file.PythonVersion);
            json.WriteString("requires_python", file.RequiresPython.Length > 0 ? file.RequiresPython : null);
            json.WriteNumber("size", file.Size ?? 0);
            json.WriteString("upload_time", JsonPages.Moment(file.UploadedAt ?? default)[..19]);
            json.WriteString("upload_time_iso_8601", JsonPages.Moment(file.UploadedAt ?? default));
            json.WriteString("url", links.File(file.Filename));
            json.WriteBoolean("yanked", file.YankReason is not null);
            json.WriteString("yanked_reason", file.YankReason is { Length: > 0 } reason ? reason : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
