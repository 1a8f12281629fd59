using System.Collections.Concurrent;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;

namespace Pulp.Core.Repositories;

/// <summary>
/// Builds the next version of a repository. Membership is written under the next number while it is built, which nobody reads
/// until the version is complete; every statement touches what changes and nothing else. The unary plus in its statements keeps
/// planners from walking the whole repository by (repository_id, version_added): what narrows is the content, found through the key
/// (repository_id, content_id).
/// </summary>
internal sealed class VersionBuilder(
    VersionBuilder.Services services,
    SqlSession database,
    VersionRow version,
    string repositoryType
)
{
    private static readonly BulkColumn[] MembershipColumns =
    [
        new("repository_id", ColumnType.Uuid),
        new("content_id", ColumnType.Uuid),
        new("version_added", ColumnType.BigInteger),
    ];

    private readonly RepositoryKeyRule _keys = new(
        services.Keys.Of(repositoryType),
        version.RepositoryId,
        version.Number
    );
    private readonly ConcurrentDictionary<Guid, bool> _replaced = new();
    private bool? _baseIsEmpty;
    private bool _startsFromOther;
    private bool _mirrors;
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
    public IReadOnlyCollection<Guid> Replaced => [.. _replaced.Keys];

    /// <summary>The kind of repository.</summary>
    public string RepositoryType => repositoryType;

    /// <summary>The version, which isn't complete yet.</summary>
    public VersionRow Version => version;

    public Guid VersionId => version.PulpId;

    public Guid RepositoryId => version.RepositoryId;

    public long Number => version.Number;

    /// <summary>Adds units, and removes units of the base that have the same repository key. Units that the version holds already are left alone.</summary>
    public Task AddAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        content.Count == 0
            ? Task.CompletedTask
            : WriteAsync(tx => AddAsync(tx, content, cancellationToken), cancellationToken);

    /// <summary>Adds units that were stored for the first time just now, so that no version can hold them.</summary>
    public async Task AddNewAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        if (content.Count == 0)
        {
            return;
        }

        Interlocked.Add(ref _added, content.Count);
        _baseIsEmpty ??=
            await database.FirstOrDefaultAsync<long>(
                $"select 1 from core_repositorycontent where repository_id = {RepositoryId} and version_added < {Number} limit 1",
                cancellationToken
            ) == 0;
        await WriteAsync(
            async tx =>
            {
                if (_baseIsEmpty is false)
                {
                    NoteReplaced(
                        await ((SqlSession)tx).BatchAsync([.. _keys.RemoveReplaced(content)], cancellationToken)
                    );
                }

                // Declared twice, a unit may come a second time with another batch.
                await ((SqlSession)tx).InsertManyAsync(
                    "core_repositorycontent",
                    MembershipColumns,
                    [.. content.Select(c => new object?[] { RepositoryId, c, Number })],
                    Newness.Likely,
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    private async Task AddAsync(IDb tx, IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _added, content.Count);
        var session = (SqlSession)tx;
        SqlText[] replacing =
        [
            $"""
                update core_repositorycontent set version_removed = null
                 where repository_id = {RepositoryId} and version_removed = {Number} and content_id in {content}
                """,
            .. _keys.RemoveReplaced(content),
        ];
        IReadOnlyList<Guid> replaced = [];
        if (_startsFromOther)
        {
            NoteReplaced(await session.BatchAsync(replacing, cancellationToken));
            replaced = await _keys.RemoveReplacedOfBaseAsync(tx, content, cancellationToken);
            NoteReplaced(replaced);
            replacing = [];
        }

        var results = await session.BatchAsync(
            [
                .. replacing,
                ContentInterest.Touch(content, services.Clock.GetUtcNow()),
                $"""
                insert into core_repositorycontent (repository_id, content_id, version_added)
                select {RepositoryId}, c.pulp_id, {Number} from core_content c
                 where c.pulp_id in {content} and c.pulp_id not in {replaced}
                   and not exists (select 1 from core_repositorycontent rc
                                    where rc.repository_id = {RepositoryId} and rc.content_id = c.pulp_id
                                      and +rc.version_added <= {Number}
                                      and (rc.version_removed is null or rc.version_removed >= {Number}))
                on conflict do nothing
                """,
                $"""
                select count(distinct content_id) from core_repositorycontent
                 where repository_id = {RepositoryId} and content_id in {content}
                   and (+version_added = {Number} or version_removed is null or version_removed = {Number})
                """,
            ],
            cancellationToken
        );
        NoteReplaced(results.SkipLast(1));
        if ((long?)results[^1][0][0] != content.Except(replaced).Count())
        {
            throw UnitsGone();
        }
    }

    private void NoteReplaced(IEnumerable<IReadOnlyList<object?[]>> results) =>
        NoteReplaced(results.SelectMany(rows => rows).Select(row => row[0] is Guid id ? id : Guid.Parse($"{row[0]}")));

    private void NoteReplaced(IEnumerable<Guid> units)
    {
        foreach (var unit in units)
        {
            _replaced[unit] = true;
        }
    }

    private static ConflictException UnitsGone() =>
        new("Some of the units were removed by an orphan clean-up before they could be added.");

    private async Task WriteAsync(Func<IDb, Task> work, CancellationToken cancellationToken)
    {
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
            throw UnitsGone();
        }
    }

    /// <summary>Records that a mirroring sync found these units upstream, for <see cref="RemoveAbsentUpstreamAsync"/>.</summary>
    public Task MarkPresentUpstreamAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        _mirrors = true;
        return database.InsertManyAsync(
            "core_versionupstream",
            [new("version_id", ColumnType.Uuid), new("content_id", ColumnType.Uuid)],
            [.. content.Select(c => new object?[] { VersionId, c })],
            cancellationToken
        );
    }

    /// <summary>Records units of the base as found upstream: those of one kind whose rows meet a condition.</summary>
    public Task MarkPresentUpstreamWhereAsync(ResourceKind kind, SqlText condition, CancellationToken cancellationToken)
    {
        _mirrors = true;
        return database.ExecuteAsync(
            $"""
            insert into core_versionupstream (version_id, content_id)
            select {VersionId}, m.pulp_id
              from core_repositorycontent rc
              join core_content m on m.pulp_id = rc.content_id
              join {Sql.Name($"{kind.DetailTable} d")} on d.pulp_id = m.pulp_id
             where rc.repository_id = {RepositoryId} and +rc.version_added <= {Number} and rc.version_removed is null
               and ({condition})
            on conflict do nothing
            """,
            cancellationToken
        );
    }

    /// <summary>Removes units of the base that the mirroring sync didn't find upstream.</summary>
    public Task RemoveAbsentUpstreamAsync(CancellationToken cancellationToken) =>
        RemoveWhereAsync(
            $"""
            not exists (select 1 from core_versionupstream s
                         where s.version_id = {VersionId} and s.content_id = core_repositorycontent.content_id)
            """,
            cancellationToken
        );

    public Task RemoveAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        content.Count == 0 ? Task.CompletedTask : RemoveWhereAsync($"content_id in {content}", cancellationToken);

    public Task RemoveAllAsync(CancellationToken cancellationToken) => RemoveWhereAsync($"1 = 1", cancellationToken);

    /// <summary>Starts over from another version's content.</summary>
    /// <exception cref="ConflictException">The other version is gone.</exception>
    public Task StartFromAsync(Guid otherVersion, CancellationToken cancellationToken)
    {
        _startsFromOther = true;
        return WriteAsync(
            async tx =>
            {
                var other =
                    await tx.FirstOrDefaultAsync<VersionRow>(
                        $"""
                        select pulp_id, repository_id, number, complete from core_repositoryversion
                         where pulp_id = {otherVersion} and complete
                        """,
                        cancellationToken
                    ) ?? throw new ConflictException("The base version is gone.");
                await RemoveWhereAsync(
                    tx,
                    $"""
                    not exists (select 1 from core_repositorycontent b
                                 where b.repository_id = {other.RepositoryId}
                                   and b.content_id = core_repositorycontent.content_id
                                   and +b.version_added <= {other.Number}
                                   and (b.version_removed is null or b.version_removed > {other.Number}))
                    """,
                    cancellationToken
                );
                var added = await tx.ExecuteAsync(
                    $"""
                    insert into core_repositorycontent (repository_id, content_id, version_added)
                    select {RepositoryId}, b.content_id, {Number} from core_repositorycontent b
                     where b.repository_id = {other.RepositoryId} and +b.version_added <= {other.Number}
                       and (b.version_removed is null or b.version_removed > {other.Number})
                       and not exists (select 1 from core_repositorycontent rc
                                        where rc.repository_id = {RepositoryId} and rc.content_id = b.content_id
                                          and +rc.version_added <= {Number}
                                          and (rc.version_removed is null or rc.version_removed > {Number}))
                    on conflict do nothing
                    """,
                    cancellationToken
                );
                Interlocked.Add(ref _added, added);
            },
            cancellationToken
        );
    }

    private Task RemoveWhereAsync(SqlText condition, CancellationToken cancellationToken) =>
        database.InTransactionAsync(tx => RemoveWhereAsync(tx, condition, cancellationToken), cancellationToken);

    private async Task RemoveWhereAsync(IDb tx, SqlText condition, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync(
            $"delete from core_repositorycontent where repository_id = {RepositoryId} and version_added = {Number} and {condition}",
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"""
            update core_repositorycontent set version_removed = {Number}
             where repository_id = {RepositoryId} and +version_added < {Number} and version_removed is null and {condition}
            """,
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
        if (_mirrors)
        {
            await tx.ExecuteAsync(
                $"delete from core_versionupstream where version_id = {VersionId}",
                cancellationToken
            );
        }

        SqlText[] duplicates = [.. _keys.FindDuplicates()];
        var found = await tx.BatchAsync([Changes, .. duplicates, Retained], cancellationToken);
        if (found[0].Count == 0)
        {
            await VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken);
            return null;
        }

        _keys.RefuseDuplicates(found.Skip(1));
        var keep = retain && found[^1].Count > 0 ? found[^1][0][0] as long? : null;
        SqlText[] completing = [VersionSummaries.Derive(version), .. Completed()];
        if (alongside is null && keep is null)
        {
            await tx.BatchAsync([.. completing, .. services.Stamp.Changed(tx, RepositoryId)], cancellationToken);
        }
        else
        {
            await tx.BatchAsync(completing, cancellationToken);
            await (alongside?.Invoke(tx) ?? Task.CompletedTask);
            await services.Retention.ApplyAsync(tx, RepositoryId, keep, cancellationToken);
            await services.Stamp.ChangedAsync(tx, RepositoryId, cancellationToken);
        }

        return version with
        {
            Complete = true,
        };
    }

    /// <summary>How many versions the repository keeps.</summary>
    private SqlText Retained => $"select retain_repo_versions from core_repository where pulp_id = {RepositoryId}";

    private IEnumerable<SqlText> Completed()
    {
        yield return $"""
            update core_repositoryversion set complete = {true}, task_id = null, pulp_last_updated = {services.Clock.GetUtcNow()}
             where pulp_id = {VersionId}
            """;
        yield return $"update core_repository set next_version = {Number + 1} where pulp_id = {RepositoryId}";
    }

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
        await database.FirstOrDefaultAsync<long>(Changes, cancellationToken) == 1;

    /// <summary>Answers a row where the version differs from its base so far.</summary>
    private SqlText Changes =>
        $"""
            select 1 as one
             where exists (select 1 from core_repositorycontent
                            where repository_id = {RepositoryId} and version_added = {Number})
                or exists (select 1 from core_repositorycontent
                            where repository_id = {RepositoryId} and version_removed = {Number})
            """;
}
