using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Packages;

/// <summary>
/// A file of a release: a wheel, an sdist or one of the older forms. Everything it says of itself is read from the file, or from the
/// index it was synced from. Members that hold lists are JSON text, as on every Pulp.
/// </summary>
[Unique(nameof(Sha256))]
[RepositoryKey(nameof(Filename))]
public sealed record PythonPackageContent : Content
{
    /// <summary>The author's name.</summary>
    [Field("The author's name.", AllowBlank = true, Filter = Lookups.Exact | Lookups.In | Lookups.Contains)]
    public string Author { get; init; } = "";

    /// <summary>The author's address.</summary>
    [Field("The author's e-mail address.", AllowBlank = true)]
    public string AuthorEmail { get; init; } = "";

    /// <summary>What the project says of itself at length.</summary>
    [Field("A longer description of the package.", AllowBlank = true, NotSortable = true)]
    public string Description { get; init; } = "";

    /// <summary>The project's home page.</summary>
    [Field("The URL of the project's home page.", AllowBlank = true)]
    public string HomePage { get; init; } = "";

    /// <summary>Words to find it by.</summary>
    [Field("Words to find the package by.", AllowBlank = true, Filter = Lookups.In | Lookups.Contains)]
    public string Keywords { get; init; } = "";

    /// <summary>The license as a text.</summary>
    [Field("Text about the package's license.", AllowBlank = true)]
    public string License { get; init; } = "";

    /// <summary>Version of the metadata's format.</summary>
    [Field("Version of the metadata's format.", ReadOnly = true)]
    public string MetadataVersion { get; init; } = "";

    /// <summary>The project, as it spells itself.</summary>
    [Field("The name of the project.", ReadOnly = true, Filter = Lookups.Contains)]
    public string Name { get; init; } = "";

    /// <summary>Platforms, separated by commas.</summary>
    [Field("A comma-separated list of platforms.", AllowBlank = true)]
    public string Platform { get; init; } = "";

    /// <summary>One line about the project.</summary>
    [Field("One line about the package.", AllowBlank = true)]
    public string Summary { get; init; } = "";

    /// <summary>The release.</summary>
    [Field("The version of the release.", ReadOnly = true, Filter = Lookups.Exact)]
    public string Version { get; init; } = "";

    /// <summary>Classifiers, a JSON list.</summary>
    [Field("A JSON list of the package's classifiers.", AllowBlank = true)]
    public string Classifiers { get; init; } = "[]";

    /// <summary>Where the release can be downloaded.</summary>
    [Field("The URL from which this release can be downloaded.", AllowBlank = true)]
    public string DownloadUrl { get; init; } = "";

    /// <summary>Platforms that a binary was made for.</summary>
    [Field("The platforms for which the binary was made.", AllowBlank = true)]
    public string SupportedPlatform { get; init; } = "";

    /// <summary>The maintainer's name.</summary>
    [Field("The maintainer's name.", AllowBlank = true)]
    public string Maintainer { get; init; } = "";

    /// <summary>The maintainer's address.</summary>
    [Field("The maintainer's e-mail address.", AllowBlank = true)]
    public string MaintainerEmail { get; init; } = "";

    /// <summary>Projects that it replaces, a JSON list.</summary>
    [Field("A JSON list of projects that it makes obsolete.", AllowBlank = true)]
    public string ObsoletesDist { get; init; } = "[]";

    /// <summary>The project's page on its index.</summary>
    [Field("A URL of the project with its label.", AllowBlank = true)]
    public string ProjectUrl { get; init; } = "";

    /// <summary>Labels and URLs, a JSON object.</summary>
    [Field("A JSON object of labels and URLs of the project.", AllowBlank = true)]
    public string ProjectUrls { get; init; } = "{}";

    /// <summary>Projects that it contains, a JSON list.</summary>
    [Field("A JSON list of projects that it contains.", AllowBlank = true)]
    public string ProvidesDist { get; init; } = "[]";

    /// <summary>What it needs of the system, a JSON list.</summary>
    [Field("A JSON list of what it needs of the system.", AllowBlank = true)]
    public string RequiresExternal { get; init; } = "[]";

    /// <summary>What it depends on, a JSON list.</summary>
    [Field("A JSON list of the projects that it depends on.", AllowBlank = true)]
    public string RequiresDist { get; init; } = "[]";

    /// <summary>The versions of Python it runs on.</summary>
    [Field(
        "The versions of Python that it runs on.",
        AllowBlank = true,
        Filter = Lookups.Exact | Lookups.In | Lookups.Contains
    )]
    public string RequiresPython { get; init; } = "";

    /// <summary>How the description is marked up.</summary>
    [Field("The media type of the description.", AllowBlank = true)]
    public string DescriptionContentType { get; init; } = "";

    /// <summary>Extras, a JSON list.</summary>
    [Field("A JSON list of optional features.", AllowBlank = true)]
    public string ProvidesExtras { get; init; } = "[]";

    /// <summary>Metadata that may differ between sdist and wheels, a JSON list.</summary>
    [Field("A JSON list of metadata fields that a build may change.", AllowBlank = true)]
    public string Dynamic { get; init; } = "[]";

    /// <summary>The license as an SPDX expression.</summary>
    [Field("The license as an SPDX expression.", AllowBlank = true)]
    public string LicenseExpression { get; init; } = "";

    /// <summary>License files, a JSON list.</summary>
    [Field("A JSON list of the paths of license files.", AllowBlank = true)]
    public string LicenseFile { get; init; } = "[]";

    /// <summary>The file's name.</summary>
    [Field("The file's name.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In | Lookups.Contains)]
    public string Filename { get; init; } = "";

    /// <summary>One of <see cref="Names.PackageTypes"/>.</summary>
    [Field(
        "The form of the package, such as sdist or bdist_wheel.",
        ReadOnly = true,
        Filter = Lookups.Exact | Lookups.In
    )]
    public string Packagetype { get; init; } = "";

    /// <summary>The tag that says for which Python it was built; <c>source</c> for an sdist.</summary>
    [Field("The Python for which the package was built.", ReadOnly = true)]
    public string PythonVersion { get; init; } = "";

    /// <summary>Bytes.</summary>
    [Field("The size of the file in bytes.", ReadOnly = true)]
    public long Size { get; init; }

    /// <summary>SHA-256 of the metadata beside a wheel, hex; null where there is none.</summary>
    [Field("SHA-256 of the wheel's metadata file.")]
    public string? MetadataSha256 { get; init; }

    /// <summary>SHA-256 of the file, hex. The wire shows that of the stored or promised file.</summary>
    [Field("SHA-256 of the file.", Internal = true, Filter = Lookups.Exact | Lookups.In)]
    public string Sha256 { get; init; } = "";

    /// <summary>The project as it stands in addresses (PEP 503).</summary>
    [Field("The normalized name of the project.", Internal = true)]
    public string NameNormalized { get; init; } = "";

    /// <summary>The version so that it sorts as PEP 440 says; see <see cref="PulpPython.Packages.VersionKey"/>.</summary>
    [Field("The version as it sorts.", Internal = true)]
    public string VersionKey { get; init; } = "";

    /// <summary>When the index it was synced from got it; null for what was uploaded here.</summary>
    [Field("When the upstream index got the file.", Internal = true)]
    public DateTimeOffset? UploadTime { get; init; }
}
