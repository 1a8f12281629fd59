using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// Directories below a distribution, read off the paths. Reading steps over what is deeper: a directory costs one step however
/// much it holds.
/// </summary>
internal sealed class DirectoryListings(Database database, PulpSettings settings)
{
    private const long PageSize = 1000;

    public async Task<bool> ExistsAsync(ServedState state, string directory, CancellationToken cancellationToken) =>
        (await PageAsync(state, directory, directory, fromPaths: true, limit: 1, cancellationToken)).Count > 0;

    /// <summary>The directory as HTML; null when there is none. The root of a distribution always exists.</summary>
    public async Task<byte[]?> MakeAsync(ServedState state, string directory, CancellationToken cancellationToken)
    {
        var entries = new SortedDictionary<string, ListingEntry>(StringComparer.Ordinal);
        var cursor = directory;

        // From the paths to the repository; the whole tree of a small version the other way round, because other repositories have
        // paths too.
        var fromPaths = directory.Length > 0 || await IsLargeAsync(state, cancellationToken);
        while (true)
        {
            var page = await PageAsync(state, directory, cursor, fromPaths, PageSize, cancellationToken);
            string? last = null;
            foreach (var row in page)
            {
                var rest = row.RelativePath[directory.Length..];
                var slash = rest.IndexOf('/', StringComparison.Ordinal);
                var name = slash < 0 ? rest : rest[..(slash + 1)];
                entries.TryAdd(name, slash < 0 ? new ListingEntry(row.Size, row.Since) : ListingEntry.Directory);
                last = name;
            }

            if (page.Count < PageSize || last is null)
            {
                break;
            }

            // '0' follows '/': the first path behind everything in that directory.
            cursor = directory + (last.EndsWith('/') ? last[..^1] + "0" : last + "\u0001");
        }

        return entries.Count == 0 && directory.Length > 0
            ? null
            : ListingPage.Make($"{settings.ContentPathPrefix}{state.Path}/{directory}", isRoot: false, entries);
    }

    private async Task<IReadOnlyList<PathRow>> PageAsync(
        ServedState state,
        string directory,
        string from,
        bool fromPaths,
        long limit,
        CancellationToken cancellationToken
    )
    {
        // All paths of the directory lie between its name and the name with '0' for the closing '/'.
        var end = directory.Length == 0 ? "\U0010FFFF" : directory[..^1] + "0";
        var publication = state.PublicationId ?? Guid.Empty;
        var passes = state.PublicationId is null || state.PassThrough;

        // A cross join makes SQLite keep to the order in which the tables stand.
        SqlText members = fromPaths
            ? (SqlText)$"cross join core_repositorycontent rc"
            : $"join core_repositorycontent rc on 1 = 1";
        return await database.QueryAsync<PathRow>(
            $"""
            select relative_path, max(size) as size, max(since) as since from (
                select m.relative_path, a.size, a.pulp_created as since
                  from core_publishedmetadata m join core_artifact a on a.pulp_id = m.artifact_id
                 where m.publication_id = {publication} and m.relative_path >= {from} and m.relative_path < {end}
                union all
                select pa.relative_path, a.size, a.pulp_created
                  from core_publishedartifact pa
                  join core_contentartifact f on f.pulp_id = pa.content_artifact_id
                  left join core_artifact a on a.pulp_id = f.artifact_id
                 where pa.publication_id = {publication} and pa.relative_path >= {from} and pa.relative_path < {end}
                union all
                select * from (
                select f.relative_path,
                       coalesce(a.size, (select max(ra.size) from core_remoteartifact ra where ra.content_artifact_id = f.pulp_id)),
                       c.pulp_created
                  from core_contentartifact f {members}
                  join core_content c on c.pulp_id = f.content_id
                  left join core_artifact a on a.pulp_id = f.artifact_id
                 where {passes} and rc.content_id = f.content_id and rc.repository_id = {state.RepositoryId
                ?? Guid.Empty} and f.relative_path >= {from} and f.relative_path < {end}
                   and +rc.version_added <= {state.VersionNumber ?? -1}
                   and (rc.version_removed is null or rc.version_removed > {state.VersionNumber ?? -1})
                 order by f.relative_path limit {limit}) passed) x
             group by relative_path order by relative_path limit {limit}
            """,
            cancellationToken
        );
    }

    private async Task<bool> IsLargeAsync(ServedState state, CancellationToken cancellationToken) =>
        state.VersionId is { } version
        && await database.FirstOrDefaultAsync<long>(
            $"select cast(coalesce(sum(present), 0) as bigint) from core_versionsummary where version_id = {version}",
            cancellationToken
        ) > PageSize;

    private sealed record PathRow
    {
        public string RelativePath { get; init; } = "";

        public long? Size { get; init; }

        public DateTimeOffset? Since { get; init; }
    }
}
