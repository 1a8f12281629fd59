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
    private readonly ServedStates _states;
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
        ServedStates states,
        RememberedAnswers remembered,
        GuardTable guards
    )
    {
        (_database, _domains) = (database, domains);
        _kinds = plugins.Plugins.SelectMany(p => p.Distributions).ToDictionary(d => d.PulpType, StringComparer.Ordinal);
        (_states, _remembered) = (states, remembered);
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
            var domains = await _domains.LoadAsync(cancellationToken);
            var states = await _states.ReadAsync(isPart ? repositories : null, cancellationToken);

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

    private Task<long> StampAsync(string name, CancellationToken cancellationToken) =>
        _database.FirstOrDefaultAsync<long>($"select value from core_stamp where name = {name}", cancellationToken);
}
