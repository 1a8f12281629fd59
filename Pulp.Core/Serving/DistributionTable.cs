using System.Collections.Frozen;
using Pulp.Core.Guards;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>
/// All distributions, in memory. Reloaded when the database says that something changed; a distribution whose state is the same
/// afterwards keeps its remembered answers.
/// </summary>
internal sealed class DistributionTable : IDisposable
{
    private readonly Database _database;
    private readonly DomainDirectory _domains;
    private readonly Dictionary<string, DistributionDeclaration> _kinds;
    private readonly RememberedAnswers _remembered;
    private readonly GuardTable _guards;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Table _table = Table.Empty;
    private readonly List<ServingChange> _heard = [ServingChange.Unknown];
    private long _changes = 1;
    private long _loaded;

    public DistributionTable(
        Database database,
        DomainDirectory domains,
        PluginCatalog plugins,
        RememberedAnswers remembered,
        GuardTable guards
    )
    {
        (_database, _domains) = (database, domains);
        _kinds = plugins.Plugins.SelectMany(p => p.Distributions).ToDictionary(d => d.PulpType, StringComparer.Ordinal);
        _remembered = remembered;
        _guards = guards;
        database.Signals.Subscribe(ServingChanges.Channel, Hear);
    }

    private void Hear(string payload)
    {
        if (ServingChange.Heard(payload) is { } change)
        {
            lock (_heard)
            {
                _heard.Add(change);
            }

            Interlocked.Increment(ref _changes);
        }
    }

    /// <param name="ByPath">
    /// The distributions by the paths that clients know them by. Where addresses name domains, those of the default domain have a
    /// second one without it, the one from before, unless that begins with a domain's name.
    /// </param>
    /// <param name="Domains">The domains that paths may begin with.</param>
    /// <param name="Guards">The guards of distributions.</param>
    /// <param name="Stamp">Counts changes.</param>
    public sealed record Table(
        FrozenDictionary<string, ServedDistribution> ByPath,
        FrozenSet<string> Domains,
        FrozenDictionary<Guid, ServedGuard> Guards,
        long Stamp
    )
    {
        private readonly FrozenDictionary<string, ServedDistribution>.AlternateLookup<ReadOnlySpan<char>> _byPath =
            ByPath.GetAlternateLookup<ReadOnlySpan<char>>();

        public static Table Empty { get; } =
            new(
                FrozenDictionary<string, ServedDistribution>.Empty,
                FrozenSet<string>.Empty,
                FrozenDictionary<Guid, ServedGuard>.Empty,
                0
            );

        /// <summary>
        /// The distribution with the longest path that the path begins with. Base paths lie inside each other only where the upper
        /// one's kind allows it.
        /// </summary>
        /// <param name="path">Without a slash at its beginning.</param>
        /// <param name="rest">Where the base path ends: at a slash, or at the path's end.</param>
        public ServedDistribution? Find(ReadOnlySpan<char> path, out int rest)
        {
            (ServedDistribution? Distribution, int End) above = default;
            for (rest = 0; rest < path.Length; rest++)
            {
                var slash = path[rest..].IndexOf('/');
                rest = slash < 0 ? path.Length : rest + slash;
                if (_byPath.TryGetValue(path[..rest], out var distribution))
                {
                    if (!distribution.IsAbove)
                    {
                        return distribution;
                    }

                    above = (distribution, rest);
                }
            }

            rest = above.End;
            return above.Distribution;
        }
    }

    /// <summary>The next request reads all that is in the database then.</summary>
    public void Invalidate() => Hear("");

    public bool IsCurrent => Volatile.Read(ref _loaded) == Volatile.Read(ref _changes);

    /// <summary>The table as it was loaded last; ask <see cref="IsCurrent"/> first.</summary>
    public Table Loaded => _table;

    public async ValueTask<Table> CurrentAsync(CancellationToken cancellationToken)
    {
        if (IsCurrent)
        {
            return _table;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (!IsCurrent)
            {
                // Noted before reading: what changes while we read makes the table stale again.
                var seen = Volatile.Read(ref _changes);
                var old = _table;
                _table = await LoadAsync(old, TakeHeard(), cancellationToken);
                Volatile.Write(ref _loaded, seen);
                ForgetChanged(old, _table);
            }

            return _table;
        }
        finally
        {
            _loading.Release();
        }
    }

    private ServingChange[] TakeHeard()
    {
        lock (_heard)
        {
            ServingChange[] taken = [.. _heard];
            _heard.Clear();
            return taken;
        }
    }

    private void ForgetChanged(Table old, Table loaded)
    {
        foreach (var (path, distribution) in old.ByPath)
        {
            if (!loaded.ByPath.TryGetValue(path, out var now) || now != distribution)
            {
                _remembered.Forget(distribution);
            }
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>
    /// Reads the distributions of the repositories that were heard of, where every change since the last time was heard of and is one
    /// of a repository; otherwise all.
    /// </summary>
    private async Task<Table> LoadAsync(
        Table old,
        IReadOnlyCollection<ServingChange> heard,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var stamp = await StampAsync("serving", cancellationToken);
            var removals = await StampAsync("removals", cancellationToken);
            Guid[] repositories = [.. heard.Select(n => n.Repository).OfType<Guid>().Distinct()];
            var isPart = heard.All(n => n.Repository is not null) && stamp == old.Stamp + heard.Count;
            SqlText which = isPart ? Of(repositories) : $"1 = 1";
            var domains = await _domains.LoadAsync(cancellationToken);
            var states = await StatesAsync(which, cancellationToken);

            // Behind the distributions: those that were read name no guard that isn't there yet.
            var guards = isPart ? old.Guards : await _guards.LoadAsync(old.Guards, cancellationToken);
            var table = isPart
                ? old.ByPath.ToDictionary(StringComparer.Ordinal)
                : new Dictionary<string, ServedDistribution>(states.Count, StringComparer.Ordinal);
            foreach (var row in states)
            {
                var guard = row.ContentGuardId is { } id ? guards.GetValueOrDefault(id) : null;
                if (PathIn(domains, row) is { } path)
                {
                    var state = row with { Removals = removals, Path = path, Guard = guard };
                    var served =
                        old.ByPath.TryGetValue(path, out var known) && known.State == state
                            ? known
                            : new ServedDistribution(state, _kinds.GetValueOrDefault(state.PulpType));
                    table[path] = served;
                    if (HasPlainPath(domains, state))
                    {
                        table[state.BasePath] = served;
                    }
                }
            }

            return new Table(
                table.ToFrozenDictionary(StringComparer.Ordinal),
                _domains.IsNamed ? domains.ByName.Keys.ToFrozenSet(StringComparer.Ordinal) : FrozenSet<string>.Empty,
                guards,
                stamp
            );
        }
        catch
        {
            // What was heard of isn't read: the next one reads everything.
            Invalidate();
            throw;
        }
    }

    /// <summary>The path of a distribution; null where its domain has none.</summary>
    private string? PathIn(DomainDirectory.Table domains, ServedState row) =>
        _domains.IsNamed
            ? domains.ById.TryGetValue(row.PulpDomainId, out var domain)
                ? domain.Segment + row.BasePath
                : null
            : row.PulpDomainId == Domains.Default
                ? row.BasePath
                : null;

    private bool HasPlainPath(DomainDirectory.Table domains, ServedState state) =>
        _domains.IsNamed
        && state.PulpDomainId == Domains.Default
        && !domains.ByName.ContainsKey(state.BasePath.Split('/')[0]);

    /// <summary>
    /// Distributions of repositories and of their versions. The versions are looked up by the distributions that name one (an id
    /// above none, which an index finds), never listed: a repository may have very many.
    /// </summary>
    private static SqlText Of(IReadOnlyCollection<Guid> repositories) =>
        $"""
            d.pulp_id in (select x.pulp_id from core_distribution x where x.repository_id in {repositories}
                           union all
                          select x.pulp_id from core_distribution x
                           cross join core_repositoryversion o
                           where x.repository_version_id > {Guid.Empty} and o.pulp_id = x.repository_version_id
                             and o.repository_id in {repositories})
            """;

    private Task<long> StampAsync(string name, CancellationToken cancellationToken) =>
        _database.FirstOrDefaultAsync<long>($"select value from core_stamp where name = {name}", cancellationToken);

    private Task<IReadOnlyList<ServedState>> StatesAsync(SqlText which, CancellationToken cancellationToken)
    {
        var publishing = _kinds.Where(k => k.Value.Serves.HasFlag(Served.Publications)).Select(k => k.Key).ToArray();
        var naming = _kinds.Where(k => k.Value.Serves.HasFlag(Served.NamedPublications)).Select(k => k.Key).ToArray();
        var publishingOnly = _kinds.Where(k => k.Value.Serves == Served.Publications).Select(k => k.Key).ToArray();
        return _database.QueryAsync<ServedState>(
            $"""
            select d.pulp_id, d.pulp_type, d.pulp_domain_id, d.name, d.base_path, d.hidden, d.content_guard_id, d.pulp_last_updated,
                   v.repository_id, v.pulp_id as version_id, v.number as version_number,
                   p.pulp_id as publication_id, coalesce(p.pass_through, {false}) as pass_through
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
             where {which}
            """,
            cancellationToken
        );
    }
}
