namespace Pulp.Core.Users;

/// <summary>Changes accounts from inside the server: the first one, and a password that was forgotten.</summary>
internal sealed class Accounts(Database database, PasswordWork work, TimeProvider clock)
{
    /// <summary>Users or sessions may have changed.</summary>
    public const string Channel = "pulp_users";

    /// <summary>Makes every process forget what it remembers of accounts.</summary>
    public Task ChangedAsync(IDb session, CancellationToken cancellationToken) =>
        database.Signals.NotifyAsync(session, Channel, "", cancellationToken);

    /// <summary>Ends what the account's users are signed in by; part of the change that is the reason.</summary>
    public static Task<int> EndSessionsAsync(IDb session, long user, CancellationToken cancellationToken) =>
        session.ExecuteAsync($"delete from core_session where user_id = {user}", cancellationToken);

    /// <summary>Makes the first administrator; false when there is an account already.</summary>
    public async Task<bool> CreateAdminAsync(string password, CancellationToken cancellationToken)
    {
        var hash = await work.HashAsync(password, cancellationToken);
        return await database.InTransactionAsync(
            async tx =>
            {
                var inserted = await tx.ExecuteAsync(
                    $"""
                    insert into core_user (username, password, first_name, last_name, email, is_staff, is_active, is_superuser,
                                           date_joined)
                    select 'admin', {hash}, '', '', '', {true}, {true}, {true}, {clock.GetUtcNow()}
                     where not exists (select 1 from core_user)
                    on conflict (username) do nothing
                    """,
                    cancellationToken
                );
                return inserted > 0;
            },
            cancellationToken
        );
    }

    public async Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<long>($"select 1 from core_user limit 1", cancellationToken) == 1;

    /// <summary>An active account; null when there is none of that name.</summary>
    public async Task<Caller?> FindAsync(string username, CancellationToken cancellationToken)
    {
        var row = await database.FirstOrDefaultAsync<AccountRow>(
            $"select id, username, password, is_active, is_superuser, is_staff from core_user where username = {username}",
            cancellationToken
        );
        return row is { IsActive: true } ? row.ToCaller() : null;
    }

    /// <summary>An active account by its id; null when there is none.</summary>
    public static async Task<AccountRow?> FindAsync(IDb db, long id, CancellationToken cancellationToken)
    {
        var row = await db.FirstOrDefaultAsync<AccountRow>(
            $"select id, username, password, is_active, is_superuser, is_staff from core_user where id = {id}",
            cancellationToken
        );
        return row is { IsActive: true } ? row : null;
    }

    /// <summary>Says whether an account may do everything.</summary>
    public Task SetSuperuserAsync(long user, bool isSuperuser, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"update core_user set is_superuser = {isSuperuser} where id = {user}",
                    cancellationToken
                );
                await ChangedAsync(tx, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Sets a password, which ends the account's sessions; false when there is no such account.</summary>
    public async Task<bool> SetPasswordAsync(string username, string password, CancellationToken cancellationToken)
    {
        var hash = await work.HashAsync(password, cancellationToken);
        return await database.InTransactionAsync(
            async tx =>
            {
                var changed = await tx.ReturningAsync<long>(
                    $"update core_user set password = {hash} where username = {username} returning id",
                    cancellationToken
                );
                foreach (var user in changed)
                {
                    await EndSessionsAsync(tx, user, cancellationToken);
                }

                await ChangedAsync(tx, cancellationToken);
                return changed.Count > 0;
            },
            cancellationToken
        );
    }
}
