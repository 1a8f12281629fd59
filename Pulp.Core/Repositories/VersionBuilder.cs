using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;

namespace Pulp.Core.Repositories;

/// <summary>
/// Builds the next version of a repository. Membership is written under the next number while it is built, which nobody reads
/// until the version is complete (<see cref="VersionMembers"/>).
/// </summary>
internal sealed class VersionBuilder(
    VersionServices services,
    SqlSession database,
    VersionRow version,
    string repositoryType,
    VersionEnd end
)
{
    private readonly VersionMembers _members = new(
        version.RepositoryId,
        version.Number,
        services.Keys.Of(repositoryType),
        services.Clock
    );
    private readonly HashSet<Guid> _held = [];
    private VersionCheck? _check;
    private UpstreamUnits? _upstream;
    private long _added;

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

    /// <summary>
    /// Adds units behind whatever else is done to it, with what completing it asks: for those who ask nothing of it in between.
    /// </summary>
    public void AddAtEnd(IReadOnlyCollection<Guid> content) => _held.UnionWith(content);

    /// <summary>Adds what was to be added at the end, for somebody who asks something of the version before.</summary>
    public Task AddHeldAsync(CancellationToken cancellationToken) => AddAsync(TakeHeld(), cancellationToken);

    private Guid[] TakeHeld()
    {
        Guid[] held = [.. _held];
        _held.Clear();
        return held;
    }

    private Task WriteAsync(Func<IDb, Task> work, CancellationToken cancellationToken)
    {
        _check = null;
        return GuardAsync(() =>
            database.InRepeatedTransactionAsync(
                async tx =>
                {
                    await work(tx);
                    return true;
                },
                cancellationToken
            )
        );
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
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
    public async Task<VersionRow?> CompleteAsync(
        Func<IDb, Task>? alongside,
        CancellationToken cancellationToken,
        bool retain = true
    )
    {
        await AddHeldAsync(cancellationToken);
        return await database.InTransactionAsync(
            tx => CompleteAsync((SqlSession)tx, alongside, retain, cancellationToken),
            cancellationToken
        );
    }

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
        var check = (tx == database ? _check : null) ?? await CheckAsync(tx, before: null, [], cancellationToken);
        return await end.CompleteAsync(tx, check, _members.Keys, alongside, retain, cancellationToken);
    }

    /// <summary>
    /// The units that selects answer as <c>unit</c>: what the version lacks. In one transaction whatever is still to be added, and whatever
    /// completing asks, goes with them.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> FindMissingAsync(
        IReadOnlyList<SqlText> selects,
        CancellationToken cancellationToken
    )
    {
        if (database is not TransactionSession || _members.StartsFromOther)
        {
            await AddHeldAsync(cancellationToken);
        }

        // One statement, whatever the number of tables: each costs something of its own.
        SqlText[] missing =
            selects.Count > 0 ? [$"select distinct missing.unit from ({Sql.Union(selects)}) missing"] : [];
        if (database is not TransactionSession)
        {
            return await database.IdsAsync(missing, cancellationToken);
        }

        var held = TakeHeld();
        Interlocked.Add(ref _added, held.Length);
        var adding = held.Length == 0 ? null : _members.Adding(held, replaced: []);
        _check = await GuardAsync(() => CheckAsync(database, adding, missing, cancellationToken));
        return _check.Missing;
    }

    private Task<VersionCheck> CheckAsync(
        SqlSession session,
        VersionStep? before,
        IReadOnlyList<SqlText> missing,
        CancellationToken cancellationToken
    ) => VersionCheck.RunAsync(session, version, _members.Keys, before, missing, cancellationToken);

    /// <summary>Leaves the repository as it was.</summary>
    public Task AbandonAsync(CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            tx => VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken),
            cancellationToken
        );

    /// <summary>Units that it holds so far.</summary>
    public SqlText Units => VersionUnits.In(RepositoryId, Number);

    /// <summary>Units that it holds and its base doesn't.</summary>
    public SqlText AddedUnits => VersionUnits.Added(RepositoryId, Number);

    /// <summary>Units that its base holds and it doesn't.</summary>
    public SqlText RemovedUnits => VersionUnits.Removed(RepositoryId, Number);

    /// <summary>Whether the version differs from its base so far.</summary>
    public async Task<bool> HasChangesAsync(CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<long>(
            $"select 1 as one where {VersionCheck.Differs(version)}",
            cancellationToken
        ) == 1;
}
