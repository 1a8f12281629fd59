using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>What is counted of changes: those to what is served, and of stored files that were removed.</summary>
internal sealed record ServedStamps(long Serving, long Removals);

/// <summary>Reads what distributions serve at this moment.</summary>
internal sealed class ServedStates(Database database, ResourceRegistry registry, PluginCatalog plugins)
{
    private readonly DistributionDeclaration[] _kinds = [.. plugins.Plugins.SelectMany(p => p.Distributions)];

    /// <summary>Answers them with the changes that were counted before they were read.</summary>
    /// <param name="repositories">Only distributions of these repositories; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<(ServedStamps Stamps, IReadOnlyList<ServedState> States)> ReadAsync(
        IReadOnlyCollection<Guid>? repositories,
        CancellationToken cancellationToken
    )
    {
        var (stamps, states) = await database.QueryAsync<ServedStamps, ServedState>(
            $"""
            select max(case when name = 'serving' then value end) as serving,
                   max(case when name = 'removals' then value end) as removals
              from core_stamp
            """,
            States(repositories),
            cancellationToken
        );
        return (stamps[0], states);
    }

    private SqlText States(IReadOnlyCollection<Guid>? repositories)
    {
        var publishing = Types(k => k.Serves.HasFlag(Served.Publications));
        var naming = Types(k => k.Serves.HasFlag(Served.NamedPublications));
        var publishingOnly = Types(k => k.Serves == Served.Publications);
        return $"""
            select d.pulp_id, d.pulp_type, d.pulp_domain_id, d.name, d.base_path, d.hidden, d.content_guard_id, d.pulp_last_updated,
                   v.repository_id, v.pulp_id as version_id, v.number as version_number,
                   p.pulp_id as publication_id, coalesce(p.pass_through, {false}) as pass_through,
                   (select x.pulp_last_updated from core_repository x where x.pulp_id = v.repository_id) as repository_changed,
                   {RemoteChanged()} as remote_changed
              from core_distribution d
              left join core_publication p on p.pulp_id = case when d.pulp_type in {publishing} then coalesce(
                   d.publication_id,
                   (select x.pulp_id from core_publication x join core_repositoryversion w on w.pulp_id = x.repository_version_id
                     where x.complete and x.repository_version_id = d.repository_version_id
                     order by x.pulp_id desc limit 1),
                   (select x.pulp_id from core_publication x join core_repositoryversion w on w.pulp_id = x.repository_version_id
                     where x.complete and w.repository_id = d.repository_id
                     order by w.number desc, x.pulp_id desc limit 1))
                   when d.pulp_type in {naming} then d.publication_id end
              left join core_repositoryversion v on v.pulp_id = case
                   when p.pulp_id is not null then p.repository_version_id
                   when d.pulp_type not in {publishingOnly} then coalesce(d.repository_version_id,
                                 (select w.pulp_id from core_repositoryversion w
                                   where w.repository_id = d.repository_id and w.complete
                                   order by w.number desc limit 1)) end
             where {(repositories is null ? $"1 = 1" : Of(repositories))}
            """;
    }

    private string[] Types(Func<DistributionDeclaration, bool> which) =>
        [.. _kinds.Where(which).Select(k => k.PulpType)];

    /// <summary>When the remote of a distribution changed last, of those kinds that name one: they answer with what it has.</summary>
    private SqlText RemoteChanged()
    {
        var named = _kinds
            .Select(k => registry.For(k.Record))
            .SelectMany(k =>
                k.Fields.Where(f => f.Attribute.References is { } other && typeof(Remote).IsAssignableFrom(other))
                    .Select(f =>
                        (SqlText)
                            $"select x.{Sql.Name(f.Column)} from {Sql.Name(k.DetailTable ?? k.MasterTable)} x where x.pulp_id = d.pulp_id"
                    )
            )
            .ToList();
        return named.Count == 0
            ? (SqlText)$"null"
            : $"(select max(r.pulp_last_updated) from core_remote r where r.pulp_id in ({Sql.Union(named)}))";
    }

    /// <summary>
    /// Distributions of repositories and of their versions. The version of each distribution that names one (an id above none, which an
    /// index finds) is looked up: joined, a planner that doesn't know the table yet reads all versions of a repository, which may be
    /// very many.
    /// </summary>
    private static SqlText Of(IReadOnlyCollection<Guid> repositories) =>
        $"""
            d.pulp_id in (select x.pulp_id from core_distribution x where x.repository_id in {repositories}
                           union all
                          select x.pulp_id from core_distribution x
                           where x.repository_version_id > {Guid.Empty}
                             and (select o.repository_id from core_repositoryversion o
                                   where o.pulp_id = x.repository_version_id) in {repositories})
            """;
}
