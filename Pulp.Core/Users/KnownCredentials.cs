using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Pulp.Core.Platform.Memory;

namespace Pulp.Core.Users;

/// <summary>
/// Credentials that were found right, so that a password is hashed once and not for each request. They are kept under a key of
/// this process alone: nothing can be looked up in its memory by guessing offline.
/// </summary>
internal sealed class KnownCredentials
{
    /// <summary>For how long the account isn't even looked at, unless a change of accounts is signalled.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly RecentlyUsed<string, Entry> _entries = new(capacity: 10_000);
    private readonly ConditionalWeakTable<string, string> _headers = [];
    private readonly ConditionalWeakTable<string, string>.CreateValueCallback _nameOfHeader;
    private readonly TimeProvider _clock;
    private long _changes;

    public KnownCredentials(Database database, TimeProvider clock)
    {
        _clock = clock;
        _nameOfHeader = header => NameOf("header", header);
        database.Signals.Subscribe(Accounts.Channel, _ => Interlocked.Increment(ref _changes));
    }

    /// <summary>Counts the changes to accounts and sessions; to be read before the account is.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>
    /// <see cref="NameOf"/> of a header. The web server gives the requests of a connection the same string where the header is the
    /// same, and as long as that string lives, its name is known.
    /// </summary>
    public string NameOfHeader(string header) => _headers.GetValue(header, _nameOfHeader);

    /// <summary>Stands for secret text in memory. The parts are told apart, wherever one ends.</summary>
    public string NameOf(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The caller, where nothing can have changed since.</summary>
    public Caller? Recall(string name) =>
        _entries.Find(name) is { } entry
        && entry.Changes == Changes
        && _clock.GetElapsedTime(entry.At) < Fresh
        && entry.ExpiresAt > _clock.GetUtcNow()
            ? entry.Caller
            : null;

    /// <summary>Whether these were the account's credentials and its password is still the one they were checked against.</summary>
    public bool StillFits(string name, AccountRow row) =>
        _entries.Find(name) is { } entry && entry.Caller.Credential == row.Credential;

    public Caller Remember(string name, Caller caller, long changes, DateTimeOffset? expiresAt = null)
    {
        _entries.Put(name, new Entry(caller, _clock.GetTimestamp(), changes, expiresAt ?? DateTimeOffset.MaxValue));
        return caller;
    }

    private sealed record Entry(Caller Caller, long At, long Changes, DateTimeOffset ExpiresAt);
}
