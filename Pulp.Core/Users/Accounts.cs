using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Users;

/// <summary>Who signed in.</summary>
internal sealed record Caller(long Id, string Username, bool IsSuperuser)
{
    public static Caller? Of(HttpContext context) => context.Items[typeof(Caller)] as Caller;
}

/// <summary>Signs users in by password or session, and changes accounts.</summary>
internal sealed class Accounts
{
    private static readonly TimeSpan MemoryLength = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SessionLength = TimeSpan.FromDays(14);
    private const int MaxRemembered = 10_000;

    // A password takes a tenth of a second to check, on purpose: what was right a moment ago isn't checked again. The key is
    // of this process alone, so that nothing can be looked up in its memory by guessing offline.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);
    private long _changes;
    private readonly Database _database;
    private readonly TimeProvider _clock;

    public Accounts(Database database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        database.Signals.Subscribe(Signals.Users, _ => Interlocked.Increment(ref _changes));
    }

    /// <summary>The account of a name and password; null when they don't fit.</summary>
    public async Task<Caller?> SignInAsync(string username, string password, CancellationToken cancellationToken)
    {
        var memory = Mac($"{username.Length}:{username}:{password}");
        var seen = Volatile.Read(ref _changes);
        var known = Recall(memory);
        if (known?.Seen == seen)
        {
            return known.Caller;
        }

        var row = await _database.FirstOrDefaultAsync<AccountRow>(
            $"select id, username, password, is_active, is_superuser from core_user where username = {username}",
            cancellationToken
        );

        // Accounts have changed since, perhaps not this one: the same hash is still matched by the same password.
        if (known is not null && row is { IsActive: true } && row.Password == known.Hash)
        {
            return Remember(memory, row, seen);
        }

        // An unknown name takes as long as a wrong password.
        var matches = PasswordHash.Matches(password, row?.Password ?? DummyHash.Value);
        if (row is not { IsActive: true } || !matches)
        {
            return null;
        }

        return Remember(memory, row, seen);
    }

    /// <summary>The account of a session's cookie.</summary>
    public async Task<Caller?> ResumeAsync(string token, CancellationToken cancellationToken)
    {
        var memory = Mac("session:" + token);
        var seen = Volatile.Read(ref _changes);
        if (Recall(memory) is { } known && known.Seen == seen)
        {
            return known.Caller;
        }

        var row = await _database.FirstOrDefaultAsync<AccountRow>(
            $"""
            select u.id, u.username, u.password, u.is_active, u.is_superuser
              from core_session s join core_user u on u.id = s.user_id
             where s.token_hash = {HashOf(token)} and s.expires_at > {_clock.GetUtcNow()}
            """,
            cancellationToken
        );
        return row is { IsActive: true } ? Remember(memory, row, seen) : null;
    }

    public async Task<string> OpenSessionAsync(Caller caller, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = _clock.GetUtcNow();
        await _database.ExecuteAsync($"delete from core_session where expires_at < {now}", cancellationToken);
        await _database.ExecuteAsync(
            $"insert into core_session (token_hash, user_id, expires_at) values ({HashOf(token)}, {caller.Id}, {now + SessionLength})",
            cancellationToken
        );
        return token;
    }

    public async Task CloseSessionAsync(string token, CancellationToken cancellationToken)
    {
        await _database.ExecuteAsync($"delete from core_session where token_hash = {HashOf(token)}", cancellationToken);
        await ChangedAsync(_database, cancellationToken);
    }

    /// <summary>Makes every process forget what it remembers of accounts.</summary>
    public Task ChangedAsync(IDb session, CancellationToken cancellationToken) =>
        _database.Signals.NotifyAsync(session, Signals.Users, "", cancellationToken);

    /// <summary>Makes the first administrator; false when there is an account already.</summary>
    public Task<bool> CreateAdminAsync(string password, CancellationToken cancellationToken) =>
        _database.InTransactionAsync(
            async tx =>
            {
                var inserted = await tx.ExecuteAsync(
                    $"""
                    insert into core_user (username, password, first_name, last_name, email, is_staff, is_active, is_superuser,
                                           date_joined)
                    select 'admin', {PasswordHash.Make(
                        password
                    )}, '', '', '', {true}, {true}, {true}, {_clock.GetUtcNow()}
                     where not exists (select 1 from core_user)
                    on conflict (username) do nothing
                    """,
                    cancellationToken
                );
                return inserted > 0;
            },
            cancellationToken
        );

    public async Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        await _database.FirstOrDefaultAsync<long>($"select 1 from core_user limit 1", cancellationToken) == 1;

    /// <summary>Sets a password; false when there is no such account.</summary>
    public async Task<bool> SetPasswordAsync(string username, string password, CancellationToken cancellationToken)
    {
        var changed = await _database.ExecuteAsync(
            $"update core_user set password = {PasswordHash.Make(password)} where username = {username}",
            cancellationToken
        );
        await ChangedAsync(_database, cancellationToken);
        return changed > 0;
    }

    private Remembered? Recall(string memory) =>
        _remembered.TryGetValue(memory, out var entry) && _clock.GetElapsedTime(entry.At) < MemoryLength ? entry : null;

    private Caller Remember(string memory, AccountRow row, long seen)
    {
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        var caller = new Caller(row.Id, row.Username, row.IsSuperuser);
        _remembered[memory] = new Remembered(caller, row.Password, _clock.GetTimestamp(), seen);
        return caller;
    }

    /// <summary>Who signed in, with the hash that matched, when, and after how many changes to accounts.</summary>
    private sealed record Remembered(Caller Caller, string Hash, long At, long Seen);

    private string Mac(string text) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    private static string HashOf(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static readonly Lazy<string> DummyHash = new(() => PasswordHash.Make(Guid.NewGuid().ToString()));

    private sealed record AccountRow
    {
        public long Id { get; init; }

        public string Username { get; init; } = "";

        public string Password { get; init; } = "";

        public bool IsActive { get; init; }

        public bool IsSuperuser { get; init; }
    }
}
