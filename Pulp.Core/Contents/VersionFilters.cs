using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Contents;

/// <summary>The filters of content by version: what it holds, what it added and what it removed.</summary>
internal static class VersionFilters
{
    /// <summary>As many units of a change are looked up one by one, on SQLite.</summary>
    private const long Few = 10_000;

    public static void AddTo(ResourceKind kind)
    {
        kind.Add(
            Version(
                kind,
                "repository_version",
                "present",
                v =>
                    $"+rc.version_added <= {v.Number} and (rc.version_removed is null or rc.version_removed > {v.Number})"
            )
        );
        kind.Add(Version(kind, "repository_version_added", "added", v => $"rc.version_added = {v.Number}"));
        kind.Add(Version(kind, "repository_version_removed", "removed", v => $"rc.version_removed = {v.Number}"));
    }

    /// <summary>The list is read along the version, whose size its summary knows.</summary>
    private static Filter Version(
        ResourceKind kind,
        string name,
        string counted,
        Func<FilteredVersion, SqlText> condition
    ) =>
        new(
            name,
            Schemas.Parameter(FieldType.Text),
            async (input, value, cancellationToken) =>
            {
                // The version and its size in one question.
                SqlText summed = $"cast(coalesce(sum({Sql.Name(counted)}), 0) as bigint)";
                var version = input.References.VersionSource(value, input.Reach) is { } source
                    ? await input.Db.FirstOrDefaultAsync<FilteredVersion>(
                        $"""
                        select v.repository_id, v.number,
                               (select {summed} from core_versionsummary s where s.version_id = v.pulp_id {OfKind(
                            kind
                        )}) as count,
                               (select {summed} from core_versionsummary s where s.version_id = v.pulp_id) as total
                          from {source}
                        """,
                        cancellationToken
                    )
                    : null;
                if (version is null)
                {
                    throw input.NoReference(typeof(RepositoryVersionRef), value);
                }

                SqlText inVersion = $"rc.repository_id = {version.RepositoryId} and {condition(version)}";
                input.Driver = new ListDriver(
                    $"core_repositorycontent rc {Narrow(counted, version.Count, input.Db)}",
                    "rc.content_id",
                    inVersion,
                    version.Count,
                    version.Count == version.Total
                )
                {
                    // The version was found within what the caller sees.
                    Scope = ContentKinds.Family.Scope,
                };
                return $"{Sql.Name(kind.Key)} in (select rc.content_id from core_repositorycontent rc where {inVersion})";
            }
        )
        {
            ReadsEmpty = true,
        };

    /// <summary>A change of a few units is looked up, where SQLite, which keeps no statistics, would walk the whole repository.</summary>
    private static SqlText Narrow(string counted, long count, IDb db) =>
        db.IsPostgres || counted == "present" || count > Few
            ? (SqlText)$""
            : $"indexed by {Sql.Name("core_repositorycontent_" + counted)}";

    private static SqlText OfKind(ResourceKind kind) =>
        kind.IsGeneric ? (SqlText)$"" : $"and s.content_type = {kind.PulpType}";

    private sealed record FilteredVersion
    {
        public Guid RepositoryId { get; init; }

        public long Number { get; init; }

        public long Count { get; init; }

        public long Total { get; init; }
    }
}
