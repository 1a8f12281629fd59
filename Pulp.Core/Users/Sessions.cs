using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Users;

/// <summary>
/// Sessions of browsers: a random token in a cookie, of which the database holds the hash. A session belongs to the password it was
/// opened with, and ends with it.
/// </summary>
internal sealed class Sessions(Database database, KnownCredentials known, TimeProvider clock)
{
    public static readonly TimeSpan Length = TimeSpan.FromDays(14);
    private const int TokenBytes = 32;

    /// <summary>What a page has to send along with a change, to show that it can read its cookies: made from the session's token.</summary>
    public static string CsrfTokenOf(string token) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "csrf"u8));

    public static bool IsCsrfTokenOf(string token, string? given) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(CsrfTokenOf(token)),
            Encoding.UTF8.GetBytes(given ?? "")
        );

    public async Task<string> OpenAsync(Caller caller, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var now = clock.GetUtcNow();
        await database.ExecuteAsync($"delete from core_session where expires_at < {now}", cancellationToken);
        await database.ExecuteAsync(
            $"""
            insert into core_session (token_hash, user_id, expires_at, credential)
            values ({HashOf(token)}, {caller.Id}, {now + Length}, {caller.Credential})
            """,
            cancellationToken
        );
        return token;
    }

    /// <summary>The account of a session's token; null when it has ended.</summary>
    public async Task<Caller?> ResumeAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length != 2 * TokenBytes)
        {
            return null;
        }

        var name = known.NameOf("session", token);
        var changes = known.Changes;
        if (known.Recall(name) is { } caller)
        {
            return caller;
        }

        var session = await database.FirstOrDefaultAsync<SessionRow>(
            $"select user_id, expires_at, credential from core_session where token_hash = {HashOf(token)}",
            cancellationToken
        );
        if (session is null || session.ExpiresAt <= clock.GetUtcNow())
        {
            return null;
        }

        var account = await database.FirstOrDefaultAsync<AccountRow>(
            $"select id, username, password, is_active, is_superuser, is_staff from core_user where id = {session.UserId}",
            cancellationToken
        );
        return account is { IsActive: true } && account.Credential == session.Credential
            ? known.Remember(name, account.ToCaller(), changes, session.ExpiresAt)
            : null;
    }

    public async Task CloseAsync(string token, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync($"delete from core_session where token_hash = {HashOf(token)}", cancellationToken);
        await database.Signals.NotifyAsync(database, Accounts.Channel, "", cancellationToken);
    }

    private static string HashOf(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed record SessionRow
    {
        public long UserId { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }

        public string? Credential { get; init; }
    }
}
