using Pulp.PluginSdk.Sync;
using PulpPython.Metadata;
using PulpPython.Names;
using PulpPython.Packages;

namespace PulpPython.Sync;

/// <summary>Makes units of what an index lists.</summary>
internal static class PackageDeclarations
{
    /// <summary>A package with its file, and its metadata beside it where the index promises that (PEP 658).</summary>
    /// <param name="project">As it is spelt.</param>
    /// <param name="file">The file, of which the digest is known.</param>
    /// <param name="metadata">Its metadata, where that was fetched already.</param>
    /// <param name="info">What the index says of the project; null where it says nothing.</param>
    /// <param name="now">The moment.</param>
    public static (PythonPackageContent Unit, IReadOnlyList<DeclaredArtifact> Files) Of(
        string project,
        IndexFile file,
        FetchedFile? metadata,
        ReleaseInfo? info,
        DateTimeOffset now
    )
    {
        var unit = new PythonPackageContent().With(Metadata(project, file, info)) with
        {
            Filename = file.Filename,
            Packagetype = file.Type,
            PythonVersion = file.PythonVersion ?? file.Name.PythonVersion,
            ProjectUrl = info?.ProjectUrl ?? "",
            Sha256 = file.Sha256 ?? throw new ArgumentException("Its digest isn't known.", nameof(file)),
            Size = file.Size ?? 0,
            MetadataSha256 = file.MetadataSha256,
            // Where the index doesn't say, it is when it was seen: only what was uploaded here has none.
            UploadTime = file.UploadTime ?? now,
        };
        var package = new DeclaredArtifact(file.Filename, file.Url)
        {
            Sha256 = file.Sha256,
            OtherDigests = file.OtherDigests,
            Size = file.Size,
        };
        return file.MetadataSha256 is { } digest
            ? (unit, [package, Beside(file, metadata, digest)])
            : (unit, [package]);
    }

    /// <summary>Indexes promise it, and don't always have it.</summary>
    private static DeclaredArtifact Beside(IndexFile file, FetchedFile? fetched, string digest) =>
        fetched is not null
            ? new(file.Filename + PackageFile.MetadataSuffix, fetched)
            : new(file.Filename + PackageFile.MetadataSuffix, MetadataUrl(file.Url))
            {
                Sha256 = digest,
                Optional = true,
            };

    /// <summary>The file's address with the ending; what follows the path, such as a token, stays.</summary>
    public static string MetadataUrl(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? url + PackageFile.MetadataSuffix : url[..query] + PackageFile.MetadataSuffix + url[query..];
    }

    /// <summary>
    /// The index describes the newest release. What that says of itself alone, such as what it needs, isn't said of others: only the
    /// files of those know it.
    /// </summary>
    private static CoreMetadata Metadata(string project, IndexFile file, ReleaseInfo? info)
    {
        var own = new CoreMetadata
        {
            MetadataVersion = "",
            Name = info?.Metadata.Name ?? project,
            Version = file.Release,
            RequiresPython = file.RequiresPython,
        };
        if (info is null)
        {
            return own;
        }

        var said = info.Metadata;
        return said.Version == file.Release
            ? said with
            {
                RequiresPython = file.RequiresPython,
            }
            : own with
            {
                Summary = said.Summary,
                Keywords = said.Keywords,
                HomePage = said.HomePage,
                Author = said.Author,
                AuthorEmail = said.AuthorEmail,
                Maintainer = said.Maintainer,
                MaintainerEmail = said.MaintainerEmail,
                License = said.License,
                LicenseExpression = said.LicenseExpression,
                ProjectUrls = said.ProjectUrls,
            };
    }

    /// <summary>The releases of which every file was yanked, with the reason.</summary>
    public static IEnumerable<PackageYank> Yanks(string project, IReadOnlyList<IndexFile> files) =>
        files
            .GroupBy(f => f.Release, StringComparer.Ordinal)
            .Where(release => release.All(f => f.Yanked is not null))
            .Select(release => new PackageYank
            {
                Name = project,
                Version = release.Key,
                Reason = Reason(release.First().Yanked),
                NameNormalized = ProjectName.Normalize(project),
                VersionKey = VersionKey.Of(release.Key),
            });

    private static string Reason(string? text) =>
        (text ?? "").WithoutNul() is { Length: > 1024 } longText ? longText[..1024] : (text ?? "").WithoutNul();
}
