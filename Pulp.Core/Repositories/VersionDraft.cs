using Pulp.Core.Artifacts;
using Pulp.Core.Units;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Repositories;

/// <summary>Makes drafts of versions that are being built, for plugins.</summary>
internal sealed class VersionDrafts(
    ContentSaver saver,
    ArtifactStore artifacts,
    UnitReader units,
    UnitReferences references,
    RepositoryTypes types
)
{
    public VersionDraft Of(VersionBuilder builder) => new(builder, saver, artifacts, units, references, types);
}

/// <summary>A version that is being built, as plugins see and change it.</summary>
internal sealed class VersionDraft(
    VersionBuilder builder,
    ContentSaver saver,
    ArtifactStore artifacts,
    UnitReader units,
    UnitReferences references,
    RepositoryTypes types
) : IVersionDraft
{
    private readonly List<Artifact> _kept = [];

    /// <summary>What it is written on.</summary>
    public SqlSession Session => builder.Database;

    public Guid Repository => builder.RepositoryId;

    public long Number => builder.Number;

    public IDb Db { get; } = new PluginDb(builder.Database);

    public SqlText Units => builder.Units.AsCore();

    public SqlText AddedUnits => builder.AddedUnits.AsCore();

    public SqlText RemovedUnits => builder.RemovedUnits.AsCore();

    public IReadOnlyCollection<Guid> ReplacedUnits => builder.Replaced;

    /// <summary>Artifacts that were kept for it, and that are in nobody's way only if it is completed.</summary>
    public IReadOnlyList<Artifact> Kept => _kept;

    /// <summary>Says that a file was kept for the version on its session.</summary>
    public void Keep(Artifact artifact) => _kept.Add(artifact);

    public Task AddAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        builder.AddAsync(content, cancellationToken);

    public void AddAtEnd(IReadOnlyCollection<Guid> content) => builder.AddAtEnd(content);

    public Task ExecuteAtEndAsync(SqlText statement, CancellationToken cancellationToken) =>
        builder.Database.AtCommitAsync([PluginStatement.Check(statement)], cancellationToken);

    public Task<IReadOnlyList<Guid>> AddAsync(
        IReadOnlyList<DeclaredContent> declared,
        CancellationToken cancellationToken
    ) => AddAsync(declared, from: null, cancellationToken);

    /// <summary>Stores and adds units whose files, as far as they aren't here, a remote has.</summary>
    public async Task<IReadOnlyList<Guid>> AddAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        await using var held = await artifacts.HoldAsync(cancellationToken);
        var domain = await types.DomainAsync(Repository, cancellationToken);
        _kept.AddRange(await saver.KeepStagedAsync(domain, builder.Database, declared, cancellationToken));
        var saved = await saver.SaveWithFollowersAsync(domain, builder.Database, declared, from, cancellationToken);
        await builder.AddAsync([.. saved.Distinct()], cancellationToken);
        return saved;
    }

    public Task RemoveAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        builder.RemoveAsync(content, cancellationToken);

    public async Task RemoveWithReferencesAsync(IReadOnlyCollection<Guid> content, CancellationToken cancellationToken)
    {
        var all = references.HeldBy(builder.RepositoryType);
        while (content.Count > 0)
        {
            await builder.RemoveAsync(content, cancellationToken);
            var unneeded = new HashSet<Guid>();
            foreach (var reference in all)
            {
                unneeded.UnionWith(
                    await builder.Database.QueryAsync<Guid>(
                        $"""
                        select distinct gone.{reference.To} from {reference.Table} gone
                         where gone.{reference.From} in {content} and {Holds($"gone.{reference.To}")}
                           and {Unreferred(all, $"gone.{reference.To}")}
                        """,
                        cancellationToken
                    )
                );
            }

            content = unneeded;
        }
    }

    private SqlText Holds(SqlText unit) => VersionUnits.Hold(builder.RepositoryId, builder.Number, unit);

    /// <summary>No unit of the version refers to this one.</summary>
    private SqlText Unreferred(IEnumerable<UnitReference> all, SqlText unit) =>
        Sql.All(
            all.Select(r =>
                (SqlText)
                    $"""
                        not exists (select 1 from {r.Table} stays
                                     where stays.{r.To} = {unit} and {Holds($"stays.{r.From}")})
                        """
            )
        );

    /// <summary>Brings back or adds whatever the version's units refer to and it lacks.</summary>
    public async Task AddReferredAsync(CancellationToken cancellationToken)
    {
        var all = references.HeldBy(builder.RepositoryType);
        IReadOnlyList<Guid> missing;
        bool lacked;
        do
        {
            lacked = builder.LacksUnits;
            // Where nothing went, nobody misses it: that would be looked for among all that refers to anything.
            var ofKept = lacked ? all.Select(MissingOfKept) : [];
            missing = await builder.FindMissingAsync([.. all.Select(MissingOfAdded), .. ofKept], cancellationToken);
            await builder.AddAsync(missing, cancellationToken);
            // What came may have replaced something: then it is looked for once more.
        } while (missing.Count > 0 || builder.LacksUnits != lacked);
    }

    /// <summary>What units that came refer to, as far as the version doesn't hold it.</summary>
    private SqlText MissingOfAdded(UnitReference reference) =>
        $"""
            select r.{reference.To} as unit from {reference.Table} r
             where r.{reference.From} in ({AddedUnits}) and r.{reference.To} is not null
               and not {Holds($"r.{reference.To}")}
            """;

    /// <summary>What units that stayed refer to, as far as it went.</summary>
    private SqlText MissingOfKept(UnitReference reference) =>
        $"""
            select r.{reference.To} as unit from {reference.Table} r
             where r.{reference.To} in ({RemovedUnits}) and {Holds($"r.{reference.From}")}
            """;

    public IAsyncEnumerable<T> ContentAsync<T>(SqlText? where, CancellationToken cancellationToken)
        where T : Content =>
        units.ReadAsync<T>(
            builder.Database,
            VersionUnits.Among(builder.RepositoryId, builder.Number, isNarrowed: where is not null),
            where,
            cancellationToken
        );
}
