using System.Globalization;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Maintenance;

/// <summary>
/// Files of artifacts without a row. A file is brought to its place before its row is stored, so one stays behind where the process
/// ends in between, where the answer of a commit is lost, and where an older database is restored.
/// </summary>
internal sealed partial class StrayFiles(
    Database database,
    FileStorage storage,
    ArtifactFiles files,
    DomainDirectory domains,
    TimeProvider clock,
    ILogger<StrayFiles> logger
)
{
    private const int Beginnings = 256;
    private const int BatchSize = 1000;

    /// <summary>As long the database may work on a commit that nobody waits for any more: its row isn't seen until it ends.</summary>
    private static readonly TimeSpan LongestCommit = TimeSpan.FromHours(1);

    /// <summary>Removes a domain's, but for those that were kept since a moment, within the last hour, or before there was this database.</summary>
    public async Task RemoveAsync(Guid domain, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var latest = clock.GetUtcNow() - LongestCommit;
        var before = since < latest ? since : latest;
        await domains.LoadAsync(cancellationToken);
        var kept = new Period(await BeginningAsync(cancellationToken), before);
        var removed = 0;
        for (var i = 0; i < Beginnings; i++)
        {
            // One directory at a time: of all files of a large server the names alone are many.
            var strays = await FindAsync(domain, i.ToString("x2", CultureInfo.InvariantCulture), cancellationToken);
            foreach (var batch in strays.Chunk(BatchSize))
            {
                removed += await RemoveAsync(domain, batch, kept, cancellationToken);
            }
        }

        if (removed > 0)
        {
            LogRemoved(removed, domain);
        }
    }

    /// <summary>
    /// When the database was made. What is older than it belongs to another one: a server that was given the address of a new
    /// database by mistake finds no row for any of its files.
    /// </summary>
    private Task<DateTimeOffset> BeginningAsync(CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<DateTimeOffset>(
            $"select applied_at from core_migration order by applied_at limit 1",
            cancellationToken
        );

    /// <summary>The digests of files that have no row now; some may get one in a moment.</summary>
    private async Task<IReadOnlyCollection<string>> FindAsync(
        Guid domain,
        string digits,
        CancellationToken cancellationToken
    )
    {
        var found = await files.DigestsAsync(domain, digits, cancellationToken);
        if (found.Count > 0)
        {
            // After the files: the row of one that is kept meanwhile is there before this looks for it.
            var known = await database.QueryAsync<string>(
                $"""
                select sha256 from core_artifact
                 where sha256 >= {digits} and sha256 < {digits + "g"} and pulp_domain_id = {domain}
                """,
                cancellationToken
            );
            found.ExceptWith(known);
        }

        return found;
    }

    private async Task<int> RemoveAsync(
        Guid domain,
        IReadOnlyList<string> digests,
        Period kept,
        CancellationToken cancellationToken
    )
    {
        // Who keeps a file holds this until its row is committed: what has none now was left behind.
        await using var alone = await storage.LockForRemovingAsync(cancellationToken);
        var named = await database.QueryAsync<string>(
            $"select file from core_artifact where sha256 in {digests}",
            cancellationToken
        );
        var strays = new List<string>();
        foreach (var name in digests.Select(sha256 => ArtifactFiles.NameOf(domain, sha256)).Except(named))
        {
            if (kept.Contains(await files.KeptAtAsync(name, cancellationToken)))
            {
                strays.Add(name);
            }
        }

        if (strays.Count > 0)
        {
            // A row may have been deleted a moment ago by somebody who ended before its file went: no power failure brings it back.
            await database.MakeDurableAsync(cancellationToken);
        }

        foreach (var name in strays)
        {
            await files.DeleteAsync(name, cancellationToken);
        }

        return strays.Count;
    }

    private sealed record Period(DateTimeOffset Since, DateTimeOffset Before)
    {
        public bool Contains(DateTimeOffset? moment) => moment >= Since && moment < Before;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Removed {Count} files of domain {Domain} that no artifact names"
    )]
    private partial void LogRemoved(int count, Guid domain);
}
