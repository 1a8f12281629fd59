using Pulp.PluginSdk.Data;

namespace PulpPython.Sync;

/// <summary>What upstreams said of where else the projects of a repository are. Few say anything.</summary>
internal static class SyncedLocations
{
    private static readonly BulkColumn[] Columns =
    [
        new("repository_id", ColumnType.Uuid),
        new("name", ColumnType.Text),
        new("locations", ColumnType.Text),
    ];

    /// <summary>What is known of a project.</summary>
    public static async Task<ProjectLocations> OfAsync(
        IDb db,
        Guid repository,
        string project,
        CancellationToken cancellationToken
    ) =>
        ProjectLocations.FromText(
            await db.FirstOrDefaultAsync<string>(
                $"select locations from python_projectlocation where repository_id = {repository} and name = {project}",
                cancellationToken
            )
        );

    /// <summary>Keeps what a sync read.</summary>
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="read">The projects that were read, and what they say.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether any says something else than before.</returns>
    public static Task<bool> StoreAsync(
        IDb db,
        Guid repository,
        IReadOnlyDictionary<string, ProjectLocations> read,
        CancellationToken cancellationToken
    ) =>
        db.InTransactionAsync(
            async tx =>
            {
                var known = await tx.QueryAsync<Row>(
                    $"select name, locations from python_projectlocation where repository_id = {repository}",
                    cancellationToken
                );
                var before = known.ToDictionary(r => r.Name, r => r.Locations, StringComparer.Ordinal);
                var changed = read.Select(p => (Name: p.Key, Text: p.Value.ToText()))
                    .Where(p => before.GetValueOrDefault(p.Name) != p.Text)
                    .ToList();
                foreach (var part in changed.Select(p => p.Name).Chunk(1000))
                {
                    await tx.ExecuteAsync(
                        $"delete from python_projectlocation where repository_id = {repository} and name in {part}",
                        cancellationToken
                    );
                }

                await tx.InsertManyAsync(
                    "python_projectlocation",
                    Columns,
                    [
                        .. changed
                            .Where(p => p.Text is not null)
                            .Select(p => new object?[] { repository, p.Name, p.Text }),
                    ],
                    cancellationToken
                );
                return changed.Count > 0;
            },
            cancellationToken
        );

    private sealed record Row
    {
        public required string Name { get; init; }

        public required string Locations { get; init; }
    }
}
