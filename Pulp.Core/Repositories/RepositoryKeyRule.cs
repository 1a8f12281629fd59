namespace Pulp.Core.Repositories;

/// <summary>
/// Keeps repository keys unique in a version that is being built: a unit that is added replaces the one of the same key that is there,
/// also where both are asked for, and two of one key that are added together are refused.
/// </summary>
internal sealed class RepositoryKeyRule(IReadOnlyList<RepositoryKey> keys, Guid repository, long number)
{
    private SqlText Holds(SqlText content) => VersionUnits.Hold(repository, number, content);

    /// <summary>
    /// The statements by which units of the base that what is about to be added replaces leave the version. Each answers which.
    /// </summary>
    public IEnumerable<SqlText> RemoveReplaced(IReadOnlyCollection<Guid> added) =>
        keys.Select(key =>
            (SqlText)
                $"""
                    update core_repositorycontent set version_removed = {number}
                     where repository_id = {repository} and +version_added < {number} and version_removed is null
                       and content_id in ({ReplacedBy(key, added)})
                    returning content_id
                    """
        );

    /// <summary>The same for units that were taken over from another version, under this number. Answers which went.</summary>
    public async Task<IReadOnlyList<Guid>> RemoveReplacedOfBaseAsync(
        IDb tx,
        IReadOnlyCollection<Guid> added,
        CancellationToken cancellationToken
    )
    {
        var removed = new List<Guid>();
        foreach (var key in keys)
        {
            removed.AddRange(
                await tx.ReturningAsync<Guid>(
                    $"""
                    delete from core_repositorycontent
                     where repository_id = {repository} and version_added = {number}
                       and content_id in ({ReplacedBy(key, added)})
                    returning content_id
                    """,
                    cancellationToken
                )
            );
        }

        return removed;
    }

    /// <summary>The statements that answer a row each where a unit that was added has the key of another one of the version.</summary>
    public IEnumerable<SqlText> FindDuplicates() =>
        keys.Select(key =>
            // Cross joins keep SQLite at this order: from what was added to what has its key.
            (SqlText)
                $"""
                    select cast(added.{key.First} as text)
                      from core_repositorycontent rc {Sql.For("", "indexed by core_repositorycontent_added")}
                      cross join {key.Table} added cross join {key.Table} other
                     where rc.repository_id = {repository} and rc.version_added = {number}
                       and added.pulp_id = rc.content_id and {key.Same("added", "other")}
                       and other.pulp_id <> added.pulp_id and {Holds($"other.pulp_id")} limit 1
                    """
        );

    /// <summary>Reads what <see cref="FindDuplicates"/> answered.</summary>
    /// <exception cref="ConflictException">There is such a unit.</exception>
    public void RefuseDuplicates(IEnumerable<IReadOnlyList<object?[]>> found)
    {
        foreach (var (key, rows) in keys.Zip(found))
        {
            if (rows.Count > 0)
            {
                throw new ConflictException(
                    "Cannot create repository version: more than one "
                        + $"{key.PulpType} content with the duplicate values for {string.Join(", ", key.Columns)}: '{rows[0][0]}'."
                );
            }
        }
    }

    /// <summary>Units with the key of one that is about to be added.</summary>
    private SqlText ReplacedBy(RepositoryKey key, IReadOnlyCollection<Guid> added) =>
        $"""
            select present.pulp_id from {key.Table} added join {key.Table} present on {key.Same("added", "present")}
             where added.pulp_id in {added} and present.pulp_id <> added.pulp_id and not {Holds($"added.pulp_id")}
            """;
}
