using System.Collections.Frozen;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Tenancy;

/// <summary>
/// All domains, in memory. Read again when the database says that one changed; who names one that isn't there is answered from the
/// database, so that a new domain is known everywhere at once.
/// </summary>
internal sealed class DomainDirectory
{
    /// <summary>Domains may have changed.</summary>
    public const string Channel = "pulp_domains";

    private readonly Database _database;
    private readonly DomainStorages _storages;
    private readonly bool _named;
    private volatile Table _table;
    private long _changes = 1;
    private long _loaded;

    public DomainDirectory(Database database, DomainStorages storages, PulpSettings settings)
    {
        (_database, _storages) = (database, storages);
        _named = settings.DomainEnabled;
        _table = Table.Of([new DomainRow { PulpId = Domains.Default, Name = DomainScope.DefaultName }], _named);
        database.Signals.Subscribe(Channel, _ => Interlocked.Increment(ref _changes));
    }

    /// <summary>Whether addresses name domains.</summary>
    public bool IsNamed => _named;

    public bool IsCurrent => Volatile.Read(ref _loaded) == Volatile.Read(ref _changes);

    /// <summary>The default domain as it was seen last.</summary>
    public DomainScope Default => _table.ById[Domains.Default];

    /// <summary>A domain as it was when they were read last; null for one that isn't known.</summary>
    public DomainScope? Known(Guid id) => _table.ById.GetValueOrDefault(id);

    /// <summary>Makes every process look again.</summary>
    public Task ChangedAsync(IDb tx, CancellationToken cancellationToken) =>
        _database.Signals.NotifyAsync(tx, Channel, "", cancellationToken);

    /// <summary>The domains as they are now.</summary>
    public ValueTask<Table> CurrentAsync(CancellationToken cancellationToken) =>
        IsCurrent ? ValueTask.FromResult(_table) : new ValueTask<Table>(LoadAsync(cancellationToken));

    /// <summary>The domain of a name; null when there is none.</summary>
    public async ValueTask<DomainScope?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var table = await CurrentAsync(cancellationToken);
        return table.ByName.TryGetValue(name, out var known) ? known
            : name.Length > 0 && (await LoadAsync(cancellationToken)).ByName.TryGetValue(name, out known) ? known
            : null;
    }

    /// <summary>The domain of an id; null when there is none.</summary>
    public async ValueTask<DomainScope?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var table = await CurrentAsync(cancellationToken);
        return table.ById.TryGetValue(id, out var known) ? known
            : (await LoadAsync(cancellationToken)).ById.TryGetValue(id, out known) ? known
            : null;
    }

    /// <summary>Reads the domains anew.</summary>
    public async Task<Table> LoadAsync(CancellationToken cancellationToken)
    {
        // Noted before reading: what changes while we read makes the table stale again.
        var seen = Volatile.Read(ref _changes);
        var rows = await _database.QueryAsync<DomainRow>(
            $"select pulp_id, name, storage_class, cast(storage_settings as text) as storage_settings from core_domain",
            cancellationToken
        );
        var table = Table.Of(rows, _named);
        _table = table;
        _storages.Replace(
            rows.Where(r => r.PulpId != Domains.Default)
                .ToDictionary(r => r.PulpId, r => new NamedStorage(r.StorageClass, r.StorageSettings))
        );
        Volatile.Write(ref _loaded, seen);
        return table;
    }

    public sealed record Table(FrozenDictionary<Guid, DomainScope> ById, FrozenDictionary<string, DomainScope> ByName)
    {
        private readonly FrozenDictionary<string, DomainScope>.AlternateLookup<ReadOnlySpan<char>> _byName =
            ByName.GetAlternateLookup<ReadOnlySpan<char>>();

        /// <summary>The domain that a path begins with; null where it begins with none, or addresses name none.</summary>
        public DomainScope? InPath(ReadOnlySpan<char> path)
        {
            var slash = path.IndexOf('/');
            return _byName.TryGetValue(slash < 0 ? path : path[..slash], out var scope) && scope.Segment.Length > 0
                ? scope
                : null;
        }

        public static Table Of(IReadOnlyList<DomainRow> rows, bool named)
        {
            var all = rows.Select(r => ScopeOf(r, named, rows.Count == 1)).ToList();
            return new Table(
                all.ToFrozenDictionary(d => d.Id),
                all.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal)
            );
        }

        private static DomainScope ScopeOf(DomainRow row, bool named, bool alone)
        {
            var scope = new DomainScope(row.PulpId, row.Name);
            return named ? scope.InAddresses()
                : alone ? scope
                : scope.AmongOthers();
        }
    }

    public sealed record DomainRow
    {
        public Guid PulpId { get; init; }

        public string Name { get; init; } = "";

        public string StorageClass { get; init; } = "";

        public string StorageSettings { get; init; } = "{}";
    }
}
