using Pulp.PluginSdk.Errors;

namespace PulpPython.Metadata;

/// <summary>A link of a project.</summary>
/// <param name="Label">What it leads to.</param>
/// <param name="Url">Where it leads.</param>
public sealed record ProjectLink(string Label, string Url);

/// <summary>What a package file says of its release: all fields of core metadata 1.0 to 2.4. Texts that aren't given are empty.</summary>
public sealed record CoreMetadata
{
    /// <summary>The newest major version that is understood; another may mean other things by the same fields.</summary>
    private const string KnownMajor = "2";

    /// <summary>Version of the format.</summary>
    public required string MetadataVersion { get; init; }

    /// <summary>The project.</summary>
    public required string Name { get; init; }

    /// <summary>The release.</summary>
    public required string Version { get; init; }

    /// <summary>Fields that are only known when the package is built (2.2).</summary>
    public IReadOnlyList<string> Dynamic { get; init; } = [];

    /// <summary>Platforms that the classifiers don't know.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Platforms that a built file was made for (1.1).</summary>
    public IReadOnlyList<string> SupportedPlatforms { get; init; } = [];

    /// <summary>The release in a line.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The long description, of the header or of the body.</summary>
    public string Description { get; init; } = "";

    /// <summary>The markup of the description (2.1).</summary>
    public string DescriptionContentType { get; init; } = "";

    /// <summary>Keywords, separated by commas or spaces.</summary>
    public string Keywords { get; init; } = "";

    /// <summary>The project's page.</summary>
    public string HomePage { get; init; } = "";

    /// <summary>Where it can be downloaded (1.1).</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>Who wrote it.</summary>
    public string Author { get; init; } = "";

    /// <summary>The author's address.</summary>
    public string AuthorEmail { get; init; } = "";

    /// <summary>Who keeps it (1.2).</summary>
    public string Maintainer { get; init; } = "";

    /// <summary>The maintainer's address (1.2).</summary>
    public string MaintainerEmail { get; init; } = "";

    /// <summary>The license as text.</summary>
    public string License { get; init; } = "";

    /// <summary>The license as an SPDX expression (2.4).</summary>
    public string LicenseExpression { get; init; } = "";

    /// <summary>Paths of license files (2.4).</summary>
    public IReadOnlyList<string> LicenseFiles { get; init; } = [];

    /// <summary>Classifiers (1.1).</summary>
    public IReadOnlyList<string> Classifiers { get; init; } = [];

    /// <summary>Releases that it needs (1.2).</summary>
    public IReadOnlyList<string> RequiresDist { get; init; } = [];

    /// <summary>Versions of Python that it runs on (1.2).</summary>
    public string RequiresPython { get; init; } = "";

    /// <summary>What it needs that no index has (1.2).</summary>
    public IReadOnlyList<string> RequiresExternal { get; init; } = [];

    /// <summary>Links (1.2).</summary>
    public IReadOnlyList<ProjectLink> ProjectUrls { get; init; } = [];

    /// <summary>Optional features (2.1).</summary>
    public IReadOnlyList<string> ProvidesExtras { get; init; } = [];

    /// <summary>Other projects that it holds (1.2).</summary>
    public IReadOnlyList<string> ProvidesDist { get; init; } = [];

    /// <summary>Other projects that it replaces (1.2).</summary>
    public IReadOnlyList<string> ObsoletesDist { get; init; } = [];

    /// <summary>Modules that it needs (1.1).</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>Modules that it has (1.1).</summary>
    public IReadOnlyList<string> Provides { get; init; } = [];

    /// <summary>Modules that it replaces (1.1).</summary>
    public IReadOnlyList<string> Obsoletes { get; init; } = [];

    /// <summary>Reads the metadata of a package file.</summary>
    /// <param name="text">The file <c>METADATA</c> or <c>PKG-INFO</c>.</param>
    /// <exception cref="ValidationException">It isn't metadata, or lacks what every release has.</exception>
    public static CoreMetadata Parse(ReadOnlySpan<byte> text)
    {
        var fields = MetadataText.Read(text);
        var format = fields.Line("Metadata-Version");
        if (format.Split('.')[0] is var major && major is not ("" or "1" or KnownMajor))
        {
            throw new ValidationException("file", $"Its metadata has version {format}, which is not known here.");
        }

        return new CoreMetadata
        {
            MetadataVersion = format,
            Name = fields.Required("Name"),
            Version = fields.Required("Version"),
            Dynamic = fields.All("Dynamic"),
            Platforms = fields.All("Platform"),
            SupportedPlatforms = fields.All("Supported-Platform"),
            Summary = fields.Line("Summary"),
            Description = fields.Body.Length > 0 ? fields.Body : fields.Text("Description"),
            DescriptionContentType = fields.Line("Description-Content-Type"),
            Keywords = fields.Line("Keywords"),
            HomePage = fields.Line("Home-page"),
            DownloadUrl = fields.Line("Download-URL"),
            Author = fields.Line("Author"),
            AuthorEmail = fields.Line("Author-email"),
            Maintainer = fields.Line("Maintainer"),
            MaintainerEmail = fields.Line("Maintainer-email"),
            License = fields.Text("License"),
            LicenseExpression = fields.Line("License-Expression"),
            LicenseFiles = fields.All("License-File"),
            Classifiers = fields.All("Classifier"),
            RequiresDist = fields.All("Requires-Dist"),
            RequiresPython = fields.Line("Requires-Python"),
            RequiresExternal = fields.All("Requires-External"),
            ProjectUrls = [.. fields.All("Project-URL").Select(Link)],
            ProvidesExtras = fields.All("Provides-Extra"),
            ProvidesDist = fields.All("Provides-Dist"),
            ObsoletesDist = fields.All("Obsoletes-Dist"),
            Requires = fields.All("Requires"),
            Provides = fields.All("Provides"),
            Obsoletes = fields.All("Obsoletes"),
        };
    }

    private static ProjectLink Link(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        return comma < 0
            ? new ProjectLink("", text)
            : new ProjectLink(text[..comma].Trim(), text[(comma + 1)..].Trim());
    }
}
