using System.Text.Encodings.Web;
using System.Text.Json;
using PulpPython.Metadata;
using PulpPython.Names;

namespace PulpPython.Packages;

/// <summary>Fills a unit's fields from core metadata.</summary>
internal static class PackageFields
{
    // As Python writes JSON: only what has to be escaped is.
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The unit with everything that its metadata tells.</summary>
    public static PythonPackageContent With(this PythonPackageContent unit, CoreMetadata metadata) =>
        unit with
        {
            Author = metadata.Author,
            AuthorEmail = metadata.AuthorEmail,
            Description = metadata.Description,
            HomePage = metadata.HomePage,
            Keywords = metadata.Keywords,
            License = metadata.License,
            MetadataVersion = metadata.MetadataVersion,
            Name = metadata.Name,
            NameNormalized = ProjectName.Normalize(metadata.Name),
            Platform = string.Join(", ", metadata.Platforms),
            Summary = metadata.Summary,
            Version = metadata.Version,
            VersionKey = VersionKey.Of(metadata.Version),
            Classifiers = List(metadata.Classifiers),
            DownloadUrl = metadata.DownloadUrl,
            SupportedPlatform = string.Join(", ", metadata.SupportedPlatforms),
            Maintainer = metadata.Maintainer,
            MaintainerEmail = metadata.MaintainerEmail,
            ObsoletesDist = List(metadata.ObsoletesDist),
            ProjectUrls = Links(metadata.ProjectUrls),
            ProvidesDist = List(metadata.ProvidesDist),
            RequiresExternal = List(metadata.RequiresExternal),
            RequiresDist = List(metadata.RequiresDist),
            RequiresPython = metadata.RequiresPython,
            DescriptionContentType = metadata.DescriptionContentType,
            ProvidesExtras = List(metadata.ProvidesExtras),
            Dynamic = List(metadata.Dynamic),
            LicenseExpression = metadata.LicenseExpression,
            LicenseFile = List(metadata.LicenseFiles),
        };

    /// <summary>A list as the wire has it: JSON text.</summary>
    public static string List(IEnumerable<string> values) => JsonSerializer.Serialize(values, Plain);

    /// <summary>Labels and URLs as the wire has them; of a label that comes twice the first counts.</summary>
    public static string Links(IEnumerable<ProjectLink> links) =>
        JsonSerializer.Serialize(
            links.DistinctBy(l => l.Label, StringComparer.Ordinal).ToDictionary(l => l.Label, l => l.Url),
            Plain
        );
}
