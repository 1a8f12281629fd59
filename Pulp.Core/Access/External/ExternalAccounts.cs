using System.Text.RegularExpressions;
using Pulp.Core.Users;

namespace Pulp.Core.Access.External;

/// <summary>Accounts of those who signed in somewhere else that is trusted.</summary>
internal sealed partial class ExternalAccounts(Database database, Accounts accounts, TimeProvider clock)
{
    /// <summary>The active account of a name.</summary>
    /// <param name="username">The name.</param>
    /// <param name="create">Whether to make one where there is none: without a password and without rights.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where there is none, it isn't active, or there can't be one of the name.</returns>
    public async Task<Caller?> FindAsync(string username, bool create, CancellationToken cancellationToken)
    {
        if (!Username().IsMatch(username))
        {
            return null;
        }

        if (await accounts.FindAsync(username, cancellationToken) is { } known)
        {
            return known;
        }

        if (!create)
        {
            return null;
        }

        await database.ExecuteAsync(
            $"""
            insert into core_user (username, password, first_name, last_name, email, is_staff, is_active, is_superuser,
                                   date_joined)
            values ({username}, {PasswordHash.Unusable}, '', '', '', {false}, {true}, {false}, {clock.GetUtcNow()})
            on conflict (username) do nothing
            """,
            cancellationToken
        );
        return await accounts.FindAsync(username, cancellationToken);
    }

    [GeneratedRegex(@"^[\w.@+-]{1,150}$")]
    private static partial Regex Username();
}
