using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Serving;

namespace PulpPython.Index;

/// <summary>The index's routes as they stand in the API document.</summary>
internal static class IndexDocument
{
    private static readonly string[] Fields = ["fields", "exclude_fields"];

    public static IReadOnlyList<RouteDescription> Routes { get; } =
    [
        new()
        {
            Id = "pypi_read",
            Path = "{path}/",
            Tag = "Pypi",
            Summary = "Get index summary",
            Query = Fields,
            Answer = typeof(Summary),
        },
        new()
        {
            Id = "pypi_integrity_provenance_read",
            Path = "{path}/integrity/{package}/{version}/{filename}/provenance/",
            Tag = "Pypi: Provenance",
            Summary = "Get package provenance",
            Query = Fields,
        },
        Upload("pypi_legacy_create", "{path}/legacy/", "Pypi: Legacy"),
        new()
        {
            Id = "pypi_pypi_read",
            Path = "{path}/pypi/{meta}/",
            Tag = "Pypi: Metadata",
            Summary = "Get package metadata",
            Query = Fields,
            Answer = typeof(PackageMetadata),
        },
        new()
        {
            Id = "pypi_simple_read",
            Path = "{path}/simple/",
            Tag = "Pypi: Simple",
            Summary = "Get index simple page",
            Query = [.. Fields, "format"],
        },
        Upload("pypi_simple_create", "{path}/simple/", "Pypi: Simple"),
        new()
        {
            Id = "pypi_simple_package_read",
            Path = "{path}/simple/{package}/",
            Tag = "Pypi: Simple",
            Summary = "Get package simple page",
            Query = [.. Fields, "format"],
        },
    ];

    private static RouteDescription Upload(string id, string path, string tag) =>
        new()
        {
            Id = id,
            Method = "POST",
            Path = path,
            Tag = tag,
            Summary = "Upload a package",
            Body = typeof(PackageUpload),
            File = "content",
            Answer = typeof(PackageUploadTask),
            IsForCallers = true,
        };

    /// <summary>How much an index has.</summary>
    private sealed record Summary
    {
        [Field("Number of projects in the index.")]
        public required long Projects { get; init; }

        [Field("Number of releases in the index.")]
        public required long Releases { get; init; }

        [Field("Number of files in the index.")]
        public required long Files { get; init; }
    }

    /// <summary>PyPI's JSON of a project.</summary>
    private sealed record PackageMetadata
    {
        [Field("Number of the change that changed the project last.")]
        public required long LastSerial { get; init; }

        [Field("The release's metadata.", Json = JsonShape.Any)]
        public required string Info { get; init; }

        [Field("The files of all releases.", Json = JsonShape.Any)]
        public required string Releases { get; init; }

        [Field("The files of the release.", Json = JsonShape.Any)]
        public required string Urls { get; init; }
    }

    /// <summary>An upload as twine sends it, but for what is read from the file anyway.</summary>
    private sealed record PackageUpload
    {
        [Field("What is asked for; as :action in the form.")]
        public string Action { get; init; } = "file_upload";

        [Field("SHA-256 of the file.", MaxLength = 64)]
        public required string Sha256Digest { get; init; }

        [Field("Version of the protocol.")]
        public long ProtocolVersion { get; init; } = 1;

        [Field("The form of the package, such as sdist or bdist_wheel.")]
        public string? Filetype { get; init; }

        [Field("Version of the metadata's format.")]
        public string? MetadataVersion { get; init; }

        [Field("A JSON list of attestations for the package.", Json = JsonShape.Any)]
        public string? Attestations { get; init; }
    }

    /// <summary>The task that adds an upload to the index's repository.</summary>
    private sealed record PackageUploadTask
    {
        [Field("Not used.")]
        public required string? Session { get; init; }

        [Field("The task.")]
        public required string Task { get; init; }

        [Field("Not used.")]
        public required DateTimeOffset? TaskStartTime { get; init; }
    }
}
