using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;

namespace Pulp.Core.Repositories;

/// <summary>
/// Builds the next version of a repository. Membership is written under the next number while it is built, which nobody reads
/// until the version is complete (<see cref="VersionMembers"/>).
/// </summary>
internal sealed class VersionBuilder(
    VersionBuilder.Services services,
    SqlSession database,
    VersionRow version,
    string repositoryType
)
{
    private readonly VersionMembers _members = new(
        version.RepositoryId,
        version.Number,
        services.Keys.Of(repositoryType),
        services.Clock
    );
    private VersionCheck? _check;
    private UpstreamUnits? _upstream;
    private long _added;

    /// <summary>What builders need.</summary>
    internal sealed record Services(
        RepositoryKeys Keys,
        VersionRetention Retention,
        ServingChanges Stamp,
        TimeProvider Clock
    );

    /// <summary>The database: each call its own transaction, or one for all of them.</summary>
    public SqlSession Database => database;

    /// <summary>About how many units were added so far.</summary>
    public long Added => Interlocked.Read(ref _added);

    /// <summary>Units that left the version because others with their repository keys came.</summary>
    public IReadOnlyCollection<Guid> Replaced => _members.Replaced;

    /// <summary>Whether it may lack units of its base.</summary>
    public bool LacksUnits => _members.LacksUnits;

    /// <summary>The kind of repository.</summary>
    public string RepositoryType => repositoryType;

    /// <summary>The version, which isn't complete yet.</summary>
    public VersionRow Version => version;

    private UpstreamUnits Upstream => _upstream ??= new UpstreamUnits(version);

    public Guid VersionId => version.PulpId;

    public Guid RepositoryId => version.RepositoryId;

    public long Number => version.Number;

    /// <summary>Adds units, and removes units of the base that have the same repository key. Units that the version holds already are left alone.</summary>
    public async Task AddAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        if (content.Count > 0)
        {
            Interlocked.Add(ref _added, content.Count);
            await WriteAsync(tx => _members.AddAsync(tx, content, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Adds units that were stored for the first time just now, so that no version can hold them.</summary>
    public async Task AddNewAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        if (content.Count == 0)
        {
            return;
        }

        Interlocked.Add(ref _added, content.Count);
        await _members.LookAtBaseAsync(database, cancellationToken);
        await WriteAsync(tx => _members.AddNewAsync(tx, content, cancellationToken), cancellationToken);
    }

    private async Task WriteAsync(Func<IDb, Task> work, CancellationToken cancellationToken)
    {
        _check = null;
        try
        {
            await database.InRepeatedTransactionAsync(
                async tx =>
                {
                    await work(tx);
                    return true;
                },
                cancellationToken
            );
        }
        catch (Exception error) when (database.Dialect.IsForeignKeyViolation(error))
        {
            throw VersionMembers.UnitsGone();
        }
    }

    /// <summary>Records that a mirroring sync found these units upstream, for <see cref="RemoveAbsentUpstreamAsync"/>.</summary>
    public Task MarkPresentUpstreamAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        Upstream.MarkAsync(database, content, cancellationToken);

    /// <summary>Records units of the base as found upstream: those of one kind whose rows meet a condition.</summary>
    public Task MarkPresentUpstreamWhereAsync(
        ResourceKind kind,
        SqlText condition,
        CancellationToken cancellationToken
    ) => database.ExecuteAsync(Upstream.Mark(kind, condition), cancellationToken);

    /// <summary>Removes units of the base that the mirroring sync didn't find upstream.</summary>
    public Task RemoveAbsentUpstreamAsync(CancellationToken cancellationToken) =>
        RemoveWhereAsync(Upstream.Absent, cancellationToken);

    public Task RemoveAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        content.Count == 0 ? Task.CompletedTask : RemoveWhereAsync($"content_id in {content}", cancellationToken);

    public Task RemoveAllAsync(CancellationToken cancellationToken) => RemoveWhereAsync($"1 = 1", cancellationToken);

    /// <summary>Starts over from another version's content.</summary>
    /// <exception cref="ConflictException">The other version is gone.</exception>
    public Task StartFromAsync(Guid otherVersion, CancellationToken cancellationToken) =>
        WriteAsync(
            async tx => Interlocked.Add(ref _added, await _members.StartFromAsync(tx, otherVersion, cancellationToken)),
            cancellationToken
        );

    private Task RemoveWhereAsync(SqlText condition, CancellationToken cancellationToken)
    {
        _check = null;
        return database.InTransactionAsync(
            tx => _members.RemoveWhereAsync(tx, condition, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>
    /// Makes the version visible, together with what <paramref name="alongside"/> does; answers null when nothing changed, and
    /// then nothing is left of it.
    /// </summary>
    /// <param name="alongside">What belongs to the version; null for nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="retain">False where versions must not go now because somebody reads them.</param>
    public Task<VersionRow?> CompleteAsync(
        Func<IDb, Task>? alongside,
        CancellationToken cancellationToken,
        bool retain = true
    ) =>
        database.InTransactionAsync(
            tx => CompleteAsync((SqlSession)tx, alongside, retain, cancellationToken),
            cancellationToken
        );

    private async Task<VersionRow?> CompleteAsync(
        SqlSession tx,
        Func<IDb, Task>? alongside,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        if (_upstream is not null)
        {
            await tx.ExecuteAsync(_upstream.Clear, cancellationToken);
        }

        // What was found in this transaction holds, as long as nothing was written since.
        var check = (tx == database ? _check : null) ?? await CheckAsync(tx, [], cancellationToken);
        if (!check.HasChanges)
        {
            await VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken);
            return null;
        }

        _members.Keys.RefuseDuplicates(check.Duplicates);
        var keep = retain ? check.Retained : null;
        SqlText[] completing = [VersionSummaries.Derive(version), .. Completed()];
        if (alongside is null && keep is null)
        {
            await tx.AtCommitAsync(completing, cancellationToken);
        }
        else
        {
            await tx.BatchAsync(completing, cancellationToken);
            await (alongside?.Invoke(tx) ?? Task.CompletedTask);
            await services.Retention.ApplyAsync(tx, RepositoryId, keep, cancellationToken);
        }

        await services.Stamp.ChangedAsync(tx, RepositoryId, cancellationToken);
        return version with { Complete = true };
    }

    private IEnumerable<SqlText> Completed()
    {
        yield return $"""
            update core_repositoryversion set complete = {true}, task_id = null, pulp_last_updated = {services.Clock.GetUtcNow()}
             where pulp_id = {VersionId}
            """;
        yield return $"update core_repository set next_version = {Number + 1} where pulp_id = {RepositoryId}";
    }

    /// <summary>
    /// The units that statements answer: what the version lacks. In one transaction whatever completing asks is asked with them.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> FindMissingAsync(
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    )
    {
        if (database is not TransactionSession)
        {
            return [.. (await database.IdsAsync(statements, cancellationToken)).Distinct()];
        }

        _check = await CheckAsync(database, statements, cancellationToken);
        return _check.Missing;
    }

    private Task<VersionCheck> CheckAsync(
        SqlSession session,
        IReadOnlyList<SqlText> missing,
        CancellationToken cancellationToken
    ) => VersionCheck.RunAsync(session, version, _members.Keys, missing, cancellationToken);

    /// <summary>Leaves the repository as it was.</summary>
    public Task AbandonAsync(CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            tx => VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken),
            cancellationToken
        );

    /// <summary>Units that it holds so far.</summary>
    public SqlText Units => VersionUnits.In(RepositoryId, Number);

    /// <summary>Units that it holds and its base doesn't.</summary>
    public SqlText AddedUnits =>
        $"""
            select v.content_id from core_repositorycontent v {Sql.For("", "indexed by core_repositorycontent_added")}
             where v.repository_id = {RepositoryId} and v.version_added = {Number}
            """;

    /// <summary>Units that its base holds and it doesn't.</summary>
    public SqlText RemovedUnits =>
        $"""
            select v.content_id from core_repositorycontent v {Sql.For("", "indexed by core_repositorycontent_removed")}
             where v.repository_id = {RepositoryId} and v.version_removed = {Number}
            """;

    /// <summary>Whether the version differs from its base so far.</summary>
    public async Task<bool> HasChangesAsync(CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<long>(VersionCheck.Changes(version), cancellationToken) == 1;
}
