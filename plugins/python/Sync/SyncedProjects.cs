using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpPython.Sync;

/// <summary>What a sync saw of a project.</summary>
/// <param name="Name">Normalized.</param>
/// <param name="Tag">Of its page.</param>
/// <param name="Serial">From the list of projects; null where that doesn't say.</param>
internal sealed record SyncedProject(string Name, string Tag, long? Serial);

/// <summary>
/// What the last sync of a repository saw of each project, so that the next one asks for what has changed. It holds for one remote as
/// it is configured, and for the projects whose packages nobody has added or removed since.
/// </summary>
internal static class SyncedProjects
{
    private static readonly BulkColumn[] Columns =
    [
        new("repository_id", ColumnType.Uuid),
        new("name", ColumnType.Text),
        new("tag", ColumnType.Text),
        new("serial", ColumnType.BigInteger),
    ];

    /// <summary>The projects that a sync of the repository's latest version need not look at again while their pages stay.</summary>
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="conditions">What the outcome depends on beside the index.</param>
    /// <param name="latest">Number of the repository's latest version.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyDictionary<string, SyncedProject>> ReadAsync(
        IDb db,
        Guid repository,
        string conditions,
        long latest,
        CancellationToken cancellationToken
    )
    {
        var known = new Dictionary<string, SyncedProject>(StringComparer.Ordinal);
        var state = await db.FirstOrDefaultAsync<StateRow>(
            $"select conditions, version from python_syncstate where repository_id = {repository}",
            cancellationToken
        );
        if (state is null || state.Conditions != conditions || state.Version > latest)
        {
            return known;
        }

        await foreach (
            var row in db.StreamAsync<ProjectRow>(
                $"select name, tag, serial from python_syncedproject where repository_id = {repository}",
                cancellationToken
            )
        )
        {
            known[row.Name] = new SyncedProject(row.Name, row.Tag, row.Serial);
        }

        await foreach (
            var changed in db.StreamAsync<ChangedRow>(
                $"""
                select distinct p.name_normalized as name
                  from core_repositorycontent c
                  join python_pythonpackagecontent p on p.pulp_id = c.content_id
                 where c.repository_id = {repository}
                   and (c.version_added > {state.Version} or c.version_removed > {state.Version})
                """,
                cancellationToken
            )
        )
        {
            known.Remove(changed.Name);
        }

        return known;
    }

    /// <summary>Keeps what a sync saw, once its version is complete.</summary>
    /// <param name="db">The database.</param>
    /// <param name="version">The version that the sync made, or found unchanged.</param>
    /// <param name="conditions">What the outcome depended on beside the index.</param>
    /// <param name="before">What was known when the sync began.</param>
    /// <param name="now">What it saw.</param>
    /// <param name="cancellationToken">Stops it; the former state stays then.</param>
    public static Task StoreAsync(
        IDb db,
        RepositoryVersionRef version,
        string conditions,
        IReadOnlyDictionary<string, SyncedProject> before,
        IReadOnlyCollection<SyncedProject> now,
        CancellationToken cancellationToken
    ) =>
        db.InTransactionAsync(
            async tx =>
            {
                var repository = version.RepositoryId;
                // A row that isn't there any more was removed because somebody else had changed the project's packages.
                var seen = now.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
                var fresh = now.Where(p => before.GetValueOrDefault(p.Name) != p).ToList();
                if (before.Count == 0)
                {
                    await tx.ExecuteAsync(
                        $"delete from python_syncedproject where repository_id = {repository}",
                        cancellationToken
                    );
                }
                else
                {
                    foreach (
                        var part in before
                            .Keys.Where(n => !seen.Contains(n))
                            .Concat(fresh.Select(p => p.Name))
                            .Distinct(StringComparer.Ordinal)
                            .Chunk(1000)
                    )
                    {
                        await tx.ExecuteAsync(
                            $"delete from python_syncedproject where repository_id = {repository} and name in {part}",
                            cancellationToken
                        );
                    }
                }

                await tx.InsertManyAsync(
                    "python_syncedproject",
                    Columns,
                    [.. fresh.Select(p => new object?[] { repository, p.Name, p.Tag, p.Serial })],
                    cancellationToken
                );
                await tx.ExecuteAsync(
                    $"""
                    insert into python_syncstate (repository_id, conditions, version)
                    values ({repository}, {conditions}, {version.Number})
                    on conflict (repository_id) do update
                       set conditions = excluded.conditions, version = excluded.version
                    """,
                    cancellationToken
                );
            },
            cancellationToken
        );

    private sealed record ChangedRow
    {
        public required string Name { get; init; }
    }

    private sealed record StateRow
    {
        public required string Conditions { get; init; }

        public long Version { get; init; }
    }

    private sealed record ProjectRow
    {
        public required string Name { get; init; }

        public required string Tag { get; init; }

        public long? Serial { get; init; }
    }
}
