using Pulp.PluginSdk.Data;

namespace PulpPython.Packages;

/// <summary>Corrects what is stored of a package by what its file says.</summary>
internal static class PackageCorrection
{
    /// <summary>False when nothing differs, and nothing is written then.</summary>
    /// <param name="db">The database.</param>
    /// <param name="stored">The package as it is stored.</param>
    /// <param name="read">The package as its file says.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<bool> SaveAsync(
        IDb db,
        PythonPackageContent stored,
        PythonPackageContent read,
        CancellationToken cancellationToken
    )
    {
        var right = Identified(read, stored);
        return right != stored && await WriteAsync(db, right, cancellationToken) > 0;
    }

    /// <summary>What no file says stays.</summary>
    private static PythonPackageContent Identified(PythonPackageContent read, PythonPackageContent stored) =>
        stored with
        {
            Author = read.Author,
            AuthorEmail = read.AuthorEmail,
            Description = read.Description,
            HomePage = read.HomePage,
            Keywords = read.Keywords,
            License = read.License,
            MetadataVersion = read.MetadataVersion,
            Name = read.Name,
            Platform = read.Platform,
            Summary = read.Summary,
            Version = read.Version,
            Classifiers = read.Classifiers,
            DownloadUrl = read.DownloadUrl,
            SupportedPlatform = read.SupportedPlatform,
            Maintainer = read.Maintainer,
            MaintainerEmail = read.MaintainerEmail,
            ObsoletesDist = read.ObsoletesDist,
            ProjectUrls = read.ProjectUrls,
            ProvidesDist = read.ProvidesDist,
            RequiresExternal = read.RequiresExternal,
            RequiresDist = read.RequiresDist,
            RequiresPython = read.RequiresPython,
            DescriptionContentType = read.DescriptionContentType,
            ProvidesExtras = read.ProvidesExtras,
            Dynamic = read.Dynamic,
            LicenseExpression = read.LicenseExpression,
            LicenseFile = read.LicenseFile,
            Packagetype = read.Packagetype,
            PythonVersion = read.PythonVersion,
            Size = read.Size,
            MetadataSha256 = read.MetadataSha256,
            NameNormalized = read.NameNormalized,
            VersionKey = read.VersionKey,
        };

    private static Task<int> WriteAsync(IDb db, PythonPackageContent p, CancellationToken cancellationToken) =>
        db.ExecuteAsync(
            $"""
            update python_pythonpackagecontent set
                   author = {p.Author}, author_email = {p.AuthorEmail}, description = {p.Description},
                   home_page = {p.HomePage}, keywords = {p.Keywords}, license = {p.License},
                   metadata_version = {p.MetadataVersion}, name = {p.Name}, platform = {p.Platform},
                   summary = {p.Summary}, version = {p.Version}, classifiers = {p.Classifiers},
                   download_url = {p.DownloadUrl}, supported_platform = {p.SupportedPlatform},
                   maintainer = {p.Maintainer}, maintainer_email = {p.MaintainerEmail},
                   obsoletes_dist = {p.ObsoletesDist}, project_urls = {p.ProjectUrls}, provides_dist = {p.ProvidesDist},
                   requires_external = {p.RequiresExternal}, requires_dist = {p.RequiresDist},
                   requires_python = {p.RequiresPython}, description_content_type = {p.DescriptionContentType},
                   provides_extras = {p.ProvidesExtras}, dynamic = {p.Dynamic},
                   license_expression = {p.LicenseExpression}, license_file = {p.LicenseFile},
                   packagetype = {p.Packagetype}, python_version = {p.PythonVersion}, size = {p.Size},
                   metadata_sha256 = {p.MetadataSha256}, name_normalized = {p.NameNormalized},
                   version_key = {p.VersionKey}
             where pulp_id = {p.PulpId}
            """,
            cancellationToken
        );
}
