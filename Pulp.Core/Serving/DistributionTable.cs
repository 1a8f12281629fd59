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
    private readonly Dictionary<string, DistributionDeclaration> _kinds;
    private readonly ServedStates _states;
    private readonly RememberedAnswers _remembered;
    private readonly GuardTable _guards;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile ServedTable _table = ServedTable.Empty;
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
        _domains = domains;
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

    private void ForgetChanged(ServedTable old, ServedTable loaded)
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
            var isPart = repositories is not null && stamps.Serving == old.Stamp + heard.Count;
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
            return Assemble(old, isPart, domains, guards, stamps, states);
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
        var table = isPart
            ? old.ByPath.ToDictionary(StringComparer.Ordinal)
            : new Dictionary<string, ServedDistribution>(states.Count, StringComparer.Ordinal);
        foreach (var row in states)
        {
            var guard = row.ContentGuardId is { } id ? guards.GetValueOrDefault(id) : null;
            if (PathIn(domains, row) is { } path)
            {
                var state = row with { Removals = stamps.Removals, Path = path, Guard = guard };
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

        return new ServedTable(
            table.ToFrozenDictionary(StringComparer.Ordinal),
            _domains.IsNamed ? domains.ByName.Keys.ToFrozenSet(StringComparer.Ordinal) : FrozenSet<string>.Empty,
            guards,
            stamps.Serving
        );
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
}
