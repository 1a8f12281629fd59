using System.Collections.Concurrent;
using Pulp.Core.Units;

namespace Pulp.Core.Repositories;

/// <summary>
/// The units of a version that is being built, written under its number. The unary plus in the statements keeps planners from
/// walking the whole repository by (repository_id, version_added): what narrows is the content, found through the key
/// (repository_id, content_id).
/// </summary>
internal sealed class VersionMembers(
    Guid repository,
    long number,
    IReadOnlyList<RepositoryKey> keys,
    TimeProvider clock
)
{
    private static readonly BulkColumn[] Columns =
    [
        new("repository_id", ColumnType.Uuid),
        new("content_id", ColumnType.Uuid),
        new("version_added", ColumnType.BigInteger),
    ];

    private readonly ConcurrentDictionary<Guid, bool> _replaced = new();
    private bool? _baseIsEmpty;
    private volatile bool _mayHaveLost;
    private bool _removes;

    /// <summary>What keeps repository keys unique in it.</summary>
    public RepositoryKeyRule Keys { get; } = new(keys, repository, number);

    /// <summary>Units that left the version because others with their repository keys came.</summary>
    public IReadOnlyCollection<Guid> Replaced => [.. _replaced.Keys];

    /// <summary>Whether its base is another version than the latest.</summary>
    public bool StartsFromOther { get; private set; }

    /// <summary>Whether it may lack units of its base.</summary>
    public bool LacksUnits => _removes || !_replaced.IsEmpty;

    public static ConflictException UnitsGone() =>
        new("Some of the units aren't there, or no longer: an orphan clean-up may have removed them.");

    /// <summary>Finds out whether there is anything that new units could replace.</summary>
    public async Task LookAtBaseAsync(IDb db, CancellationToken cancellationToken) =>
        _baseIsEmpty ??=
            await db.FirstOrDefaultAsync<long>(
                $"select 1 from core_repositorycontent where repository_id = {repository} and version_added < {number} limit 1",
                cancellationToken
            ) == 0;

    /// <summary>Adds units that were stored for the first time just now.</summary>
    public async Task AddNewAsync(IDb tx, IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        var session = (SqlSession)tx;
        if (_baseIsEmpty is not true)
        {
            _mayHaveLost = true;
            NoteReplaced(await session.BatchAsync([.. Keys.RemoveReplaced(content)], cancellationToken));
        }

        // Declared twice, a unit may come a second time with another batch.
        await session.InsertManyAsync(
            "core_repositorycontent",
            Columns,
            [.. content.Select(c => new object?[] { repository, c, number })],
            Newness.Likely,
            cancellationToken
        );
    }

    /// <summary>Adds units that other versions may hold.</summary>
    /// <exception cref="ConflictException">Some of them are gone, or belong to another domain than the repository.</exception>
    public async Task AddAsync(IDb tx, IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        var session = (SqlSession)tx;
        IReadOnlyList<Guid> replaced = StartsFromOther ? await AddBackAsync(session, content, cancellationToken) : [];
        var step = Adding(content, replaced);
        step.Read(await session.BatchAsync(step.Statements, cancellationToken));
    }

    /// <summary>The same as a step; <see cref="StartsFromOther"/> takes one before.</summary>
    /// <param name="content">The units.</param>
    /// <param name="replaced">Those of them that others have replaced already.</param>
    public VersionStep Adding(IReadOnlyCollection<Guid> content, IReadOnlyList<Guid> replaced)
    {
        SqlText[] comingBack = _mayHaveLost && !StartsFromOther ? [AddBack(content)] : [];
        SqlText[] replacing = StartsFromOther ? [] : [.. comingBack, .. Keys.RemoveReplaced(content)];
        SqlText others = replaced.Count > 0 ? $"and c.pulp_id not in {replaced}" : (SqlText)$"";
        _mayHaveLost = true; // Before anything is replaced: others may be adding at the same time.
        return new VersionStep(
            [
                .. replacing,
                ContentInterest.TouchHeld(content, clock.GetUtcNow()),
                // By id, as rows are locked everywhere.
                $"""
                insert into core_repositorycontent (repository_id, content_id, version_added)
                select {repository}, c.pulp_id, {number} from core_content c
                 where c.pulp_id in {content} {others}
                   and c.pulp_domain_id = (select r.pulp_domain_id from core_repository r where r.pulp_id = {repository})
                   and not exists (select 1 from core_repositorycontent rc
                                    where rc.repository_id = {repository} and rc.content_id = c.pulp_id
                                      and +rc.version_added <= {number}
                                      and (rc.version_removed is null or rc.version_removed >= {number}))
                 order by c.pulp_id
                on conflict do nothing
                """,
                $"""
                select count(distinct content_id) from core_repositorycontent
                 where repository_id = {repository} and content_id in {content}
                   and (+version_added = {number} or version_removed is null or version_removed = {number})
                """,
            ],
            Answers: replacing.Length - comingBack.Length + 1,
            results =>
            {
                NoteReplaced(results.SkipLast(1));
                if ((long?)results[^1][0][0] != content.Except(replaced).Count())
                {
                    throw UnitsGone();
                }
            }
        );
    }

    private void NoteReplaced(IEnumerable<IReadOnlyList<object?[]>> answered) =>
        NoteReplaced(answered.SelectMany(rows => rows).Select(row => SqlSession.Id(row[0])));

    private void NoteReplaced(IEnumerable<Guid> units)
    {
        foreach (var unit in units)
        {
            _replaced[unit] = true;
        }
    }

    /// <summary>The statement by which units that the version has lost are its own again.</summary>
    private SqlText AddBack(IReadOnlyCollection<Guid> content) =>
        $"""
            update core_repositorycontent set version_removed = null
             where repository_id = {repository} and version_removed = {number} and content_id in {content}
            """;

    /// <summary>
    /// The same where the version starts from another one, whose units of the same keys go: they are looked for before those that
    /// come back are its own again, since what a version holds replaces nothing. Answers which went.
    /// </summary>
    private async Task<IReadOnlyList<Guid>> AddBackAsync(
        SqlSession tx,
        IReadOnlyCollection<Guid> content,
        CancellationToken cancellationToken
    )
    {
        var lost = await tx.QueryAsync<Guid>(
            $"""
            select content_id from core_repositorycontent
             where repository_id = {repository} and version_removed = {number} and content_id in {content}
            """,
            cancellationToken
        );
        NoteReplaced(await tx.BatchAsync([.. Keys.RemoveReplaced(content)], cancellationToken));
        var replaced = await Keys.RemoveReplacedOfBaseAsync(tx, content, cancellationToken);
        NoteReplaced(replaced);
        await tx.ExecuteAsync(AddBack([.. lost.Except(replaced)]), cancellationToken);
        return replaced;
    }

    /// <summary>Starts over from another version's content; answers how many units the latest version doesn't hold.</summary>
    /// <exception cref="ConflictException">The other version is gone.</exception>
    public async Task<int> StartFromAsync(IDb tx, Guid otherVersion, CancellationToken cancellationToken)
    {
        StartsFromOther = true;
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
        return await tx.ExecuteAsync(
            $"""
            insert into core_repositorycontent (repository_id, content_id, version_added)
            select {repository}, b.content_id, {number} from core_repositorycontent b
             where b.repository_id = {other.RepositoryId} and +b.version_added <= {other.Number}
               and (b.version_removed is null or b.version_removed > {other.Number})
               and not exists (select 1 from core_repositorycontent rc
                                where rc.repository_id = {repository} and rc.content_id = b.content_id
                                  and +rc.version_added <= {number}
                                  and (rc.version_removed is null or rc.version_removed > {number}))
            on conflict do nothing
            """,
            cancellationToken
        );
    }

    /// <summary>Takes out those for which a condition holds.</summary>
    public async Task RemoveWhereAsync(IDb tx, SqlText condition, CancellationToken cancellationToken)
    {
        (_removes, _mayHaveLost) = (true, true);
        await tx.ExecuteAsync(
            $"delete from core_repositorycontent where repository_id = {repository} and version_added = {number} and {condition}",
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"""
            update core_repositorycontent set version_removed = {number}
             where repository_id = {repository} and +version_added < {number} and version_removed is null and {condition}
            """,
            cancellationToken
        );
    }
}
