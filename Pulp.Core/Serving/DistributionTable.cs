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
    private readonly DomainDirectory _domains;
    private readonly ServedPaths _paths;
    private readonly Dictionary<string, DistributionDeclaration> _kinds;
    private readonly ServedStates _states;
    private readonly RememberedAnswers _remembered;
    private readonly GuardTable _guards;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile ServedTable _table = ServedTable.Empty;
    private readonly HeardChanges _heard;
    private long _changes = 1;
    private long _loaded;

    public DistributionTable(
        Database database,
        DomainDirectory domains,
        PluginCatalog plugins,
        ServedStates states,
        RememberedAnswers remembered,
        GuardTable guards,
        TimeProvider clock
    )
    {
        _heard = new HeardChanges(clock);
        (_domains, _paths) = (domains, new ServedPaths(domains));
        _kinds = plugins.Plugins.SelectMany(p => p.Distributions).ToDictionary(d => d.PulpType, StringComparer.Ordinal);
        (_states, _remembered) = (states, remembered);
        _guards = guards;
        database.Signals.Subscribe(ServingChanges.Channel, Hear);
    }

    private void Hear(string payload)
    {
        if (ServingChange.Heard(payload) is { } change)
        {
            _heard.Add(change);
            Interlocked.Increment(ref _changes);
        }
    }

    /// <summary>The next request reads all that is in the database then.</summary>
    public void Invalidate() => Hear("");

    public bool IsCurrent => Volatile.Read(ref _loaded) == Volatile.Read(ref _changes);

    /// <summary>The table as it was loaded last; ask <see cref="IsCurrent"/> first.</summary>
    public ServedTable Loaded => _table;

    public async ValueTask<ServedTable> CurrentAsync(CancellationToken cancellationToken)
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
                _table = await LoadAsync(old, _heard.Take(), cancellationToken);
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

    private void ForgetChanged(ServedTable old, ServedTable loaded)
    {
        if (loaded.Places == old.Places)
        {
            return;
        }

        foreach (var (path, place) in old.Places)
        {
            if (!loaded.Places.TryGetValue(path, out var now) || now.Distribution != place.Distribution)
            {
                _remembered.Forget(place.Distribution);
            }
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>
    /// Reads the distributions of the repositories that were heard of, where every change since the last time was heard of, or will be
    /// in a moment, and is one of a repository; otherwise all.
    /// </summary>
    private async Task<ServedTable> LoadAsync(
        ServedTable old,
        IReadOnlyCollection<ServingChange> heard,
        CancellationToken cancellationToken
    )
    {
        try
        {
            Guid[]? repositories = heard.All(n => n.Repository is not null)
                ? [.. heard.Select(n => n.Repository).OfType<Guid>().Distinct()]
                : null;
            var (stamps, states) = await _states.ReadAsync(repositories, cancellationToken);
            var reached = old.Stamp + heard.Count;
            // Of a guard that isn't known yet nobody could say whom it lets in.
            var isPart =
                repositories is not null
                && _heard.Explain(stamps.Serving, reached)
                && states.All(s => s.ContentGuardId is not { } guard || old.Guards.ContainsKey(guard));
            if (repositories is not null && !isPart)
            {
                (stamps, states) = await _states.ReadAsync(repositories: null, cancellationToken);
            }

            // Behind the distributions: those that were read are in no domain that isn't there yet.
            var domains = isPart
                ? await _domains.CurrentAsync(cancellationToken)
                : await _domains.LoadAsync(cancellationToken);

            // Likewise: they name no guard that isn't there yet.
            var guards = isPart ? old.Guards : await _guards.LoadAsync(old.Guards, cancellationToken);
            // What was counted and not heard of is still to come, and what was heard of late had been read with everything.
            var stamp = isPart ? Math.Min(reached, stamps.Serving) : stamps.Serving;
            return Assemble(old, isPart, domains, guards, stamps with { Serving = stamp }, states);
        }
        catch
        {
            // What was heard of isn't read: the next one reads everything.
            Invalidate();
            throw;
        }
    }

    private ServedTable Assemble(
        ServedTable old,
        bool isPart,
        DomainDirectory.Table domains,
        FrozenDictionary<Guid, ServedGuard> guards,
        ServedStamps stamps,
        IReadOnlyList<ServedState> states
    )
    {
        var read = Served(old, domains, guards, stamps, states);
        var names = _paths.NamesOf(domains, old.Domains);
        if (isPart && read.TrueForAll(r => old.Places.ContainsKey(r.Path)))
        {
            // Mostly a version: a table of many distributions isn't made anew for one of them.
            foreach (var (path, distribution) in read)
            {
                Put(old.Places[path], distribution);
            }

            return old with
            {
                Domains = names,
                Stamp = stamps.Serving,
            };
        }

        var places = isPart
            ? old.Places.ToDictionary(StringComparer.Ordinal)
            : new Dictionary<string, ServedPlace>(read.Count, StringComparer.Ordinal);
        foreach (var (path, distribution) in read)
        {
            places[path] = new ServedPlace(distribution);
        }

        return new ServedTable(places.ToFrozenDictionary(StringComparer.Ordinal), names, guards, stamps.Serving);
    }

    private void Put(ServedPlace place, ServedDistribution distribution)
    {
        var before = place.Distribution;
        if (before != distribution)
        {
            place.Distribution = distribution;
            _remembered.Forget(before);
        }
    }

    /// <summary>What was read, by path; a distribution whose state is what it was stays the same.</summary>
    private List<(string Path, ServedDistribution Distribution)> Served(
        ServedTable old,
        DomainDirectory.Table domains,
        FrozenDictionary<Guid, ServedGuard> guards,
        ServedStamps stamps,
        IReadOnlyList<ServedState> states
    )
    {
        var read = new List<(string, ServedDistribution)>(states.Count);
        foreach (var row in states)
        {
            var guard = row.ContentGuardId is { } id ? guards.GetValueOrDefault(id) : null;
            if (_paths.PathOf(row, domains) is { } path)
            {
                var state = row with { Removals = stamps.Removals, Path = path, Guard = guard };
                var served = Served(old.Places.GetValueOrDefault(path)?.Distribution, state);
                read.Add((path, served));
                if (_paths.HasPlainPath(state, domains))
                {
                    read.Add((state.BasePath, served));
                }
            }
        }

        return read;
    }

    private ServedDistribution Served(ServedDistribution? known, ServedState state) =>
        known?.State == state
            ? known
            : new ServedDistribution(
                state,
                _kinds.GetValueOrDefault(state.PulpType),
                known?.State.HasRecordOf(state) == true ? known.Record : null
            );
}
