using Pulp.Core.Platform.Memory;

namespace Pulp.Core.Users;

/// <summary>What became of a name and a password.</summary>
internal abstract record SignInOutcome
{
    private SignInOutcome() { }

    public sealed record Accepted(Caller Caller) : SignInOutcome;

    public sealed record Refused : SignInOutcome;

    /// <summary>Nothing was checked.</summary>
    public sealed record Later(TimeSpan Wait) : SignInOutcome;
}

/// <summary>Signs users in by name and password, or by a token in the password's place.</summary>
internal sealed class PasswordSignIn(
    Database database,
    KnownCredentials known,
    PasswordWork work,
    GuessLimits limits,
    AccessTokens tokens,
    IPasswordDirectory directory
)
{
    /// <summary>What is said where too many wait: about as long as they need.</summary>
    private static readonly TimeSpan Crowded = TimeSpan.FromSeconds(5);

    // A program that keeps sending its outdated password is no guesser: what was refused is refused again without any work, as
    // long as the account is what it was.
    private readonly RecentlyUsed<string, string> _refused = new(capacity: 10_000);

    public async Task<SignInOutcome> TryAsync(
        string username,
        string password,
        string address,
        CancellationToken cancellationToken
    )
    {
        if (AccessTokens.LooksLikeOne(password))
        {
            return await tokens.TryAsync(password, username, address, cancellationToken);
        }

        var name = known.NameOf("password", username, password);
        var changes = known.Changes;
        if (known.Recall(name) is { } caller)
        {
            return new SignInOutcome.Accepted(caller);
        }

        var row = await database.FirstOrDefaultAsync<AccountRow>(
            $"select id, username, password, is_active, is_superuser, is_staff from core_user where username = {username}",
            cancellationToken
        );
        if (row is { IsActive: true, HasPassword: true } && known.StillFits(name, row))
        {
            return new SignInOutcome.Accepted(known.Remember(name, row.ToCaller(), changes));
        }

        var account = row is null ? "" : $"{row.IsActive} {row.Password}";
        var guess = known.NameOf("guess", address, username, password);
        if (_refused.Find(guess) == account)
        {
            return new SignInOutcome.Refused();
        }

        var wait = limits.Wait(address, known.NameOf(username));
        if (wait > TimeSpan.Zero)
        {
            return new SignInOutcome.Later(wait);
        }

        if (directory.IsOn && row is null or { IsActive: true, HasPassword: false })
        {
            if (await directory.SignInAsync(username, password, cancellationToken) is { } found)
            {
                return new SignInOutcome.Accepted(known.Remember(name, found, changes));
            }

            Refuse(guess, account, address, username);
            return new SignInOutcome.Refused();
        }

        var turn = limits.TurnOf(address);
        var fits = await work.CheckAsync(guess + account, password, row?.Password, address, turn)
            .WaitAsync(cancellationToken);
        if (fits is null)
        {
            return new SignInOutcome.Later(Crowded);
        }

        if (fits is true && row is { IsActive: true })
        {
            return new SignInOutcome.Accepted(known.Remember(name, row.ToCaller(), changes));
        }

        Refuse(guess, account, address, username);
        return new SignInOutcome.Refused();
    }

    /// <summary>The same guess counts once, however often it was sent meanwhile.</summary>
    private void Refuse(string guess, string account, string address, string username)
    {
        string? before = null;
        _refused.Put(
            guess,
            present =>
            {
                before = present;
                return account;
            }
        );
        if (before != account)
        {
            limits.Failed(address, known.NameOf(username));
        }
    }
}
