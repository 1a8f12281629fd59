using System.Text.Json;

namespace Pulp.Core.Rights;

/// <summary>
/// What decides who may do what, in memory: roles, and who has them where. All of it is forgotten when the database's number of
/// changes is another, which is looked at after each signal, and once a second where none comes.
/// </summary>
internal sealed class AccessMemory : IDisposable
{
    /// <summary>Roles, groups, assignments or policies may have changed.</summary>
    public const string Channel = "pulp_access";

    private static readonly TimeSpan Unasked = TimeSpan.FromSeconds(1);
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile AccessState? _state;
    private long _signals;
    private long _seen = -1;
    private long _lookedAt;

    public AccessMemory(Database database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        database.Signals.Subscribe(Channel, _ => Interlocked.Increment(ref _signals));
    }

    /// <summary>Counts a change, as part of the transaction that makes it; all processes forget what they know.</summary>
    public async Task ChangedAsync(IDb tx, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync($"update core_stamp set value = value + 1 where name = 'access'", cancellationToken);
        await _database.Signals.NotifyAsync(tx, Channel, "", cancellationToken);
    }

    public ValueTask<AccessState> CurrentAsync(CancellationToken cancellationToken) =>
        _state is { } state && IsFresh ? ValueTask.FromResult(state) : new(LookAsync(cancellationToken));

    private bool IsFresh =>
        Volatile.Read(ref _seen) == Volatile.Read(ref _signals)
        && _clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) < Unasked;

    private async Task<AccessState> LookAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_state is { } known && IsFresh)
            {
                return known;
            }

            // Noted before reading: what changes meanwhile makes it stale again.
            var (signals, now) = (Volatile.Read(ref _signals), _clock.GetTimestamp());
            var stamp = await _database.FirstOrDefaultAsync<long>(
                $"select value from core_stamp where name = 'access'",
                cancellationToken
            );
            var state = _state is { } old && old.Stamp == stamp ? old : await LoadAsync(stamp, cancellationToken);
            _state = state;
            Volatile.Write(ref _seen, signals);
            Volatile.Write(ref _lookedAt, now);
            return state;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task<AccessState> LoadAsync(long stamp, CancellationToken cancellationToken)
    {
        var roles = await _database.QueryAsync<RoleRow>(
            $"select pulp_id, name, permissions from core_role",
            cancellationToken
        );
        var policies = await _database.QueryAsync<PolicyRow>(
            $"select viewset_name, statements, creation_hooks, queryset_scoping from core_accesspolicy",
            cancellationToken
        );
        return new AccessState(stamp, new RoleBook(roles.Select(r => r.ToRole())), policies, _database);
    }

    public void Dispose() => _loading.Dispose();

    private sealed record RoleRow
    {
        public Guid PulpId { get; init; }

        public string Name { get; init; } = "";

        public string Permissions { get; init; } = "[]";

        public KnownRole ToRole() => new(PulpId, Name, JsonSerializer.Deserialize<HashSet<string>>(Permissions) ?? []);
    }
}

/// <summary>A policy as it is stored.</summary>
internal sealed record PolicyRow
{
    public string ViewsetName { get; init; } = "";

    public string Statements { get; init; } = "[]";

    public string? CreationHooks { get; init; }

    public string? QuerysetScoping { get; init; }
}
