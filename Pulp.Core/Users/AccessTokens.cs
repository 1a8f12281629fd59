using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Pulp.Core.Platform.Memory;

namespace Pulp.Core.Users;

/// <summary>
/// Personal access tokens: random texts, shown once and stored as their hashes. One comes as a bearer token, or in the place of the
/// password.
/// </summary>
internal sealed class AccessTokens(Database database, KnownCredentials known, GuessLimits limits, TimeProvider clock)
{
    /// <summary>Tokens begin with it, so that programs that look for secrets in the wrong places find them.</summary>
    public const string Prefix = "pulp_";

    /// <summary>The name that says: the password is a token. Python's upload tools send it.</summary>
    private const string AnyName = "__token__";
    private const int Bytes = 32;
    private const int MostOfOne = 100;
    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(Bytes);
    private readonly RecentlyUsed<string, string> _refused = new(capacity: 10_000);

    public static bool LooksLikeOne(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Makes one, whose text nobody will see again.</summary>
    /// <exception cref="ValidationException">The account has one of the name, or too many.</exception>
    public async Task<(AccessToken Token, string Text)> CreateAsync(
        long user,
        NewAccessToken wanted,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        if (wanted.ExpiresAt <= now)
        {
            throw new ValidationException("expires_at", "A token that has ended already lets nobody in.");
        }

        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
        var token = new AccessToken
        {
            PulpId = Ids.New(now),
            PulpCreated = now,
            UserId = user,
            Name = wanted.Name,
            Scope = wanted.Scope,
            ExpiresAt = wanted.ExpiresAt,
        };
        var made = await database.ExecuteAsync(
            $"""
            insert into core_accesstoken (pulp_id, pulp_created, user_id, name, token_hash, scope, expires_at)
            select {token.PulpId}, {now}, {user}, {token.Name}, {HashOf(text)}, {token.Scope}, {token.ExpiresAt}
             where (select count(*) from core_accesstoken where user_id = {user}) < {(long)MostOfOne}
               and exists (select 1 from core_user where id = {user})
            on conflict (user_id, name) do nothing
            """,
            cancellationToken
        );
        return made > 0
            ? (token, text)
            : throw new ValidationException(
                "name",
                $"The account has a token of this name already, or {MostOfOne} tokens."
            );
    }

    public Task<IReadOnlyList<AccessToken>> ListAsync(long user, CancellationToken cancellationToken) =>
        database.QueryAsync<AccessToken>(
            $"""
            select pulp_id, pulp_created, user_id, name, scope, expires_at, last_used
              from core_accesstoken where user_id = {user} order by pulp_id desc
            """,
            cancellationToken
        );

    /// <summary>Ends one at once, in every process; false where the account has none of that id.</summary>
    public Task<bool> RevokeAsync(long user, Guid token, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                var ended = await tx.ExecuteAsync(
                    $"delete from core_accesstoken where pulp_id = {token} and user_id = {user}",
                    cancellationToken
                );
                await database.Signals.NotifyAsync(tx, Accounts.Channel, "", cancellationToken);
                return ended > 0;
            },
            cancellationToken
        );

    /// <summary>Ends all of an account that is deleted, in the transaction that deletes it.</summary>
    public static Task<int> RevokeAllAsync(IDb tx, long user, CancellationToken cancellationToken) =>
        tx.ExecuteAsync($"delete from core_accesstoken where user_id = {user}", cancellationToken);

    /// <summary>Signs in by a token.</summary>
    /// <param name="text">The token.</param>
    /// <param name="username">Whose it is said to be; null where nothing is said.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SignInOutcome> TryAsync(
        string text,
        string? username,
        string address,
        CancellationToken cancellationToken
    )
    {
        var name = known.NameOf("token", text);
        var changes = known.Changes;
        if (known.Recall(name) is { } caller)
        {
            return IsOf(caller, username) ? new SignInOutcome.Accepted(caller) : new SignInOutcome.Refused();
        }

        var wait = limits.Wait(address, account: "");
        if (wait > TimeSpan.Zero)
        {
            return new SignInOutcome.Later(wait);
        }

        var now = clock.GetUtcNow();
        var found = await FindAsync(text, now, cancellationToken);
        if (found is null || !IsOf(found.Value.Caller, username))
        {
            Refuse(name, address);
            return new SignInOutcome.Refused();
        }

        var (owner, expires) = found.Value;
        await database.ExecuteAsync(
            $"update core_accesstoken set last_used = {now} where pulp_id = {owner.TokenId}",
            cancellationToken
        );
        return new SignInOutcome.Accepted(known.Remember(name, owner, changes, expires));
    }

    private static bool IsOf(Caller caller, string? username) =>
        username is null or AnyName || username == caller.Username;

    private async Task<(Caller Caller, DateTimeOffset? Expires)?> FindAsync(
        string text,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var token = await database.FirstOrDefaultAsync<AccessToken>(
            $"""
            select pulp_id, pulp_created, user_id, name, scope, expires_at, last_used
              from core_accesstoken where token_hash = {HashOf(text)}
            """,
            cancellationToken
        );
        if (token is null || token.ExpiresAt <= now)
        {
            return null;
        }

        var account = await Accounts.FindAsync(database, token.UserId, cancellationToken);
        return account is null
            ? null
            : (
                account.ToCaller() with
                {
                    TokenId = token.PulpId,
                    MayOnlyRead = token.Scope == AccessToken.ReadOnly,
                },
                token.ExpiresAt
            );
    }

    /// <summary>A program that keeps sending a token that has ended is no guesser: it counts once.</summary>
    private void Refuse(string name, string address)
    {
        var isNew = _refused.Find(name) is null;
        _refused.Put(name, name);
        if (isNew)
        {
            limits.Failed(address, account: name);
        }
    }

    private static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
