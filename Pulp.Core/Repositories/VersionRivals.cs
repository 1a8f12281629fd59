using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>
/// Keeps repository keys unique in a version that is being built: a unit that comes replaces the one of the same key that was there,
/// also where both are asked for, and two that come are refused.
/// </summary>
internal sealed class VersionRivals(ResourceRegistry registry, Guid repository, long number)
{
    /// <summary>What the version holds so far. The unary plus is explained at <see cref="VersionBuilder"/>.</summary>
    private SqlText Holds(SqlText content) =>
        $"""
            exists (select 1 from core_repositorycontent m
                     where m.repository_id = {repository} and m.content_id = {content} and +m.version_added <= {number}
                       and (m.version_removed is null or m.version_removed > {number}))
            """;

    /// <summary>Units of the base that are replaced by what is about to come leave the version.</summary>
    public async Task RemoveAsync(IDb tx, IReadOnlyCollection<Guid> coming, CancellationToken cancellationToken)
    {
        foreach (var key in RepositoryKeys.All(registry))
        {
            await tx.ExecuteAsync(
                $"""
                update core_repositorycontent set version_removed = {number}
                 where repository_id = {repository} and +version_added < {number} and version_removed is null
                   and content_id in ({Rivals(key, coming)})
                """,
                cancellationToken
            );
        }
    }

    /// <summary>The same for units that were taken over from another version, under this number. Answers which went.</summary>
    public async Task<IReadOnlyList<Guid>> RemoveTakenOverAsync(
        IDb tx,
        IReadOnlyCollection<Guid> coming,
        CancellationToken cancellationToken
    )
    {
        var removed = new List<Guid>();
        foreach (var key in RepositoryKeys.All(registry))
        {
            removed.AddRange(
                await tx.ReturningAsync<Guid>(
                    $"""
                    delete from core_repositorycontent
                     where repository_id = {repository} and version_added = {number}
                       and content_id in ({Rivals(key, coming)})
                    returning content_id
                    """,
                    cancellationToken
                )
            );
        }

        return removed;
    }

    /// <exception cref="ConflictException">A unit that came has the key of another one of the version.</exception>
    public async Task RefuseDuplicatesAsync(IDb tx, CancellationToken cancellationToken)
    {
        foreach (var key in RepositoryKeys.All(registry))
        {
            // Cross joins keep SQLite at this order: from what came to what has its key.
            var sql = SqlText.Raw($"select d.{key.Columns[0]} from core_repositorycontent rc ");
            sql.Append($"{Sql.For("", "indexed by core_repositorycontent_added")}");
            sql.AppendLiteral($" cross join {key.Table} d cross join {key.Table} other");
            sql.Append($" where rc.repository_id = {repository} and rc.version_added = {number}");
            sql.AppendLiteral($" and d.pulp_id = rc.content_id and {key.SameKey("d", "other")}");
            sql.Append($" and other.pulp_id <> d.pulp_id and {Holds($"other.pulp_id")} limit 1");
            if (await tx.FirstOrDefaultAsync<string>(sql, cancellationToken) is { } duplicate)
            {
                throw new ConflictException(
                    "Cannot create repository version: more than one "
                        + $"{key.PulpType} content with the duplicate values for {string.Join(", ", key.Columns)}: '{duplicate}'."
                );
            }
        }
    }

    /// <summary>Units with the key of one that comes and isn't there yet.</summary>
    private SqlText Rivals(RepositoryKey key, IReadOnlyCollection<Guid> coming)
    {
        var sql = SqlText.Raw(
            $"select old.pulp_id from {key.Table} fresh join {key.Table} old on {key.SameKey("fresh", "old")}"
        );
        return sql.Append(
            $" where fresh.pulp_id in {coming} and old.pulp_id <> fresh.pulp_id and not {Holds($"fresh.pulp_id")}"
        );
    }
}
