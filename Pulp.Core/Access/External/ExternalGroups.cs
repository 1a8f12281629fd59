using Pulp.Core.Rights;

namespace Pulp.Core.Access.External;

/// <summary>
/// Memberships in groups by the word of somebody else who is trusted. Groups have to be there; which memberships came from whom is
/// stored, so that what was made here, or came from another, stays as it is.
/// </summary>
internal sealed class ExternalGroups(Database database, AccessMemory memory)
{
    /// <summary>More are no person's.</summary>
    private const int Most = 1_000;

    /// <summary>Makes a user's memberships what the source says of them now.</summary>
    /// <param name="user">The user.</param>
    /// <param name="source">Who says so; it takes back only what it gave.</param>
    /// <param name="names">The groups as the source names them.</param>
    /// <param name="known">By the source's name, the groups' names here; where it is empty, they have the same.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task FollowAsync(
        long user,
        string source,
        IEnumerable<string> names,
        IReadOnlyDictionary<string, string> known,
        CancellationToken cancellationToken
    )
    {
        string[] wanted =
        [
            .. names
                .Select(name => known.Count == 0 ? name : known.GetValueOrDefault(name))
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Take(Most),
        ];
        var there = await database.QueryAsync<string>(
            $"select name from core_group where name in {wanted}",
            cancellationToken
        );
        var current = await database.QueryAsync<Membership>(
            $"""
            select g.name, m.source from core_groupuser m join core_group g on g.id = m.group_id where m.user_id = {user}
            """,
            cancellationToken
        );
        var isSo =
            there.All(name => current.Any(m => m.Name == name))
            && current.All(m => m.Source != source || wanted.Contains(m.Name, StringComparer.Ordinal));
        if (isSo)
        {
            return;
        }

        await database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    delete from core_groupuser
                     where user_id = {user} and source = {source}
                       and group_id not in (select id from core_group where name in {wanted})
                    """,
                    cancellationToken
                );
                await tx.ExecuteAsync(
                    $"""
                    insert into core_groupuser (group_id, user_id, source)
                    select g.id, u.id, {source} from core_group g, core_user u where g.name in {wanted} and u.id = {user}
                    on conflict do nothing
                    """,
                    cancellationToken
                );
                await memory.ChangedAsync(tx, cancellationToken);
            },
            cancellationToken
        );
    }

    private sealed record Membership
    {
        public string Name { get; init; } = "";

        public string Source { get; init; } = "";
    }
}
