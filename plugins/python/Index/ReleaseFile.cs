using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpPython.Index;

/// <summary>A file of a project as pages show it.</summary>
internal sealed record ReleaseFile
{
    public Guid PulpId { get; init; }

    public string Version { get; init; } = "";

    public string VersionKey { get; init; } = "";

    public string Filename { get; init; } = "";

    public string Sha256 { get; init; } = "";

    public string? Md5 { get; init; }

    public string? MetadataSha256 { get; init; }

    /// <summary>It has metadata beside it of which nobody has told the digest.</summary>
    public bool HasUnknownMetadata { get; init; }

    public string RequiresPython { get; init; } = "";

    public long? Size { get; init; }

    public string Packagetype { get; init; } = "";

    public string PythonVersion { get; init; } = "";

    /// <summary>When its index got it; null where a remote's doesn't say.</summary>
    public DateTimeOffset? UploadedAt { get; init; }

    /// <summary>It was uploaded here: it came from nowhere else.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Why the release is yanked, perhaps empty; null where it isn't.</summary>
    public string? YankReason { get; init; }

    public bool HasProvenance { get; init; }

    /// <summary>
    /// The files of a project that a version holds, by release and name. The joins stand in the order in which they are to be made, which
    /// SQLite takes from <c>cross join</c>: it knows of no statistics, and would go through all of the version for each row.
    /// </summary>
    public static Task<IReadOnlyList<ReleaseFile>> OfAsync(
        IDb db,
        RepositoryVersionRef version,
        string project,
        CancellationToken cancellationToken
    ) =>
        db.QueryAsync<ReleaseFile>(
            $"""
            select d.pulp_id, d.version, d.version_key, d.filename, d.sha256, a.md5, d.metadata_sha256, d.requires_python,
                   d.size, d.packagetype, d.python_version, coalesce(d.upload_time, m.pulp_created) as uploaded_at,
                   d.upload_time is null as is_own,
                   (select y.reason from python_packageyank y cross join core_repositorycontent yc
                     where yc.content_id = y.pulp_id and y.name_normalized = d.name_normalized and y.version_key = d.version_key
                       and {Holds(version, "yc")} limit 1) as yank_reason,
                   exists (select 1 from python_packageprovenance p cross join core_repositorycontent pc
                            where pc.content_id = p.pulp_id and p.package_id = d.pulp_id and {Holds(
                version,
                "pc"
            )}) as has_provenance
              from python_pythonpackagecontent d
             cross join core_repositorycontent rc
             cross join core_content m
              left join core_contentartifact ca on ca.content_id = d.pulp_id and ca.relative_path = d.filename
              left join core_artifact a on a.pulp_id = ca.artifact_id
             where rc.content_id = d.pulp_id and m.pulp_id = d.pulp_id and d.name_normalized = {project} and {Holds(
                version,
                "rc"
            )}
             order by d.version_key, d.filename
            """,
            cancellationToken
        );

    /// <summary>That a row of memberships is of a version.</summary>
    public static SqlText Holds(RepositoryVersionRef version, string alias) =>
        alias switch
        {
            "rc" => $"""
                rc.repository_id = {version.RepositoryId} and +rc.version_added <= {version.Number}
                and (rc.version_removed is null or rc.version_removed > {version.Number})
                """,
            "yc" => $"""
                yc.repository_id = {version.RepositoryId} and +yc.version_added <= {version.Number}
                and (yc.version_removed is null or yc.version_removed > {version.Number})
                """,
            "pc" => $"""
                pc.repository_id = {version.RepositoryId} and +pc.version_added <= {version.Number}
                and (pc.version_removed is null or pc.version_removed > {version.Number})
                """,
            _ => throw new ArgumentOutOfRangeException(nameof(alias), alias, "No statement uses it."),
        };
}
