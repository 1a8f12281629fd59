using System.Text.Json;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;
using Pulp.Core.Users;

namespace Pulp.Core.Rights;

/// <summary>Says why a user may do something, or may not: which statement speaks of it, and by which role where.</summary>
internal sealed class Explanation(
    ApiOperations operations,
    References references,
    PolicyBook policies,
    Sights sights,
    PermissionCatalog permissions,
    DomainDirectory domains,
    ResourceStore store,
    Database database
)
{
    /// <summary>One line for each thing that counts; the first says the answer.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="operation">The operation's id in the API document, such as <c>repositories_file_file_sync</c>.</param>
    /// <param name="href">The object; null for what has none.</param>
    /// <param name="domainName">The domain, for what has no object that says it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BadRequestException">There is no such operation, object or domain.</exception>
    public async Task<IReadOnlyList<string>> OfAsync(
        Caller caller,
        string operation,
        string? href,
        string domainName,
        CancellationToken cancellationToken
    )
    {
        var known =
            operations.All.FirstOrDefault(o => o.Id == operation)
            ?? throw new BadRequestException($"There is no operation '{operation}'.");
        if (known.Access is not AccessRule.Policy rule)
        {
            return [$"yes: {(known.Access is AccessRule.Public ? "anybody" : "whoever is signed in")} may do this."];
        }

        if (rule.IsForAdministrators)
        {
            return [$"{(caller.IsSuperuser ? "yes" : "no")}: only administrators may do this."];
        }

        var on = Object(rule, href);
        var domain =
            (
                on is { } place
                    ? await DomainOfAsync(place, cancellationToken)
                    : await domains.FindAsync(domainName, cancellationToken)
            ) ?? throw new BadRequestException($"There is no domain '{domainName}'.");
        var (policy, state) = await policies.OfAsync(rule.Name, cancellationToken);
        var asked = new AskedRequest
        {
            Caller = caller,
            State = state,
            Reach = Reach.Of(domain, caller.Id),
            Action = rule.Action,
            Method = known.Method,
            IsSafe = known.Method == "GET",
            Object = rule.Target == Target.Object ? on : null,
            Parent = rule.Target == Target.Object ? null : on,
        };
        var verdict = await policy.JudgeAsync(asked, cancellationToken);
        var hidden = on is { } found && await IsHiddenAsync(caller, domain, found, cancellationToken);
        var lines = new List<string> { Answer(verdict, hidden, rule) };
        var holder = await state.HolderAsync(caller.Id, cancellationToken);
        foreach (var statement in policy.Statements.Where(s => s.IsAbout(asked, holder)))
        {
            lines.Add($"{(statement.Source.Denies ? "denies" : "allows")}: {Text(statement.Source)}");
            foreach (var (text, condition) in Texts(statement))
            {
                var holds =
                    condition.ReadsBody ? "depends on what is sent"
                    : await condition.HoldsAsync(asked, cancellationToken) ? "holds"
                    : "doesn't hold";
                lines.Add($"  {text}: {holds}");
                lines.AddRange(await RolesAsync(caller, text, on, domain, cancellationToken));
            }
        }

        return lines;
    }

    private (ResourceKind Kind, ResourceKey Key)? Object(AccessRule.Policy rule, string? href)
    {
        if (rule is not ({ Target: Target.Object or Target.Parent } or { Kind.Parent: not null }))
        {
            return null;
        }

        var on = href is null ? null : references.ParseKey(href);
        return on ?? throw new BadRequestException("This operation has an object: name its href or PRN.");
    }

    /// <summary>The domain that holds the object; the default one for what is in none, and for what isn't there.</summary>
    private async Task<DomainScope?> DomainOfAsync(
        (ResourceKind Kind, ResourceKey Key) on,
        CancellationToken cancellationToken
    )
    {
        var id = await store.DomainOfAsync(database, on.Kind, Reach.Server, on.Key, cancellationToken) ?? Guid.Empty;
        return await domains.FindAsync(id, cancellationToken) ?? domains.Default;
    }

    private static string Answer(Verdict verdict, bool hidden, AccessRule.Policy rule) =>
        hidden ? $"no (404): the object isn't there, or may not be viewed."
        : !verdict.Allowed && verdict.Because is not null ? "no (403): a statement denies it."
        : !verdict.Allowed ? $"no (403): no statement of the policy '{rule.Name}' allows '{rule.Action}'."
        : verdict.NeedsBody ? "it depends on what is sent."
        : $"yes: a statement of the policy '{rule.Name}' allows '{rule.Action}'.";

    private async Task<bool> IsHiddenAsync(
        Caller caller,
        DomainScope domain,
        (ResourceKind Kind, ResourceKey Key) on,
        CancellationToken cancellationToken
    )
    {
        var sight = caller.IsSuperuser ? null : await sights.OfAsync(caller, domain.Id, cancellationToken);
        var reach = Reach.Of(domain, caller.Id).Within(sight);
        return await database.FirstOrDefaultAsync<long>(
                $"select 1 from {on.Kind.From} where {ReachableRows.WhereKey(on.Kind, reach, on.Key)}",
                cancellationToken
            ) != 1;
    }

    private static IEnumerable<(string Text, Condition Condition)> Texts(Statement statement) =>
        statement.Source.Conditions.Concat(statement.Source.Expressions).Zip(statement.Conditions);

    private static string Text(AccessStatement statement) =>
        $"{string.Join(", ", statement.Actions)} to {string.Join(", ", statement.Principals)}";

    /// <summary>The roles that give the user a condition's permission, wherever they are given.</summary>
    private async Task<IReadOnlyList<string>> RolesAsync(
        Caller caller,
        string condition,
        (ResourceKind Kind, ResourceKey Key)? on,
        DomainScope domain,
        CancellationToken cancellationToken
    )
    {
        var permission = condition[(condition.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (!permissions.Knows(permission))
        {
            return [];
        }

        var (id, number) = on is { } found ? AssignedTo.Columns(found.Key) : (Guid.Empty, 0);
        var given = await database.QueryAsync<Given>(
            $"""
            select r.name as role, r.permissions, a.object_model, a.in_domain, null as "group"
              from core_userrole a join core_role r on r.pulp_id = a.role_id
             where a.user_id = {caller.Id} and (a.object_model = '' or (a.object_id = {id} and a.object_number = {number}))
             union all
            select r.name as role, r.permissions, a.object_model, a.in_domain, g.name as "group"
              from core_groupuser m join core_grouprole a on a.group_id = m.group_id
              join core_role r on r.pulp_id = a.role_id join core_group g on g.id = a.group_id
             where m.user_id = {caller.Id} and (a.object_model = '' or (a.object_id = {id} and a.object_number = {number}))
            """,
            cancellationToken
        );
        return
        [
            .. given
                .Where(g => (JsonSerializer.Deserialize<HashSet<string>>(g.Permissions) ?? []).Contains(permission))
                .Where(g => g.InDomain == Guid.Empty || (domains.IsNamed && g.InDomain == domain.Id))
                .Select(g =>
                    $"    by the role {g.Role} {g.Where(domain)}{(g.Group is null ? "" : $", through the group {g.Group}")}"
                ),
        ];
    }

    private sealed record Given
    {
        public string Role { get; init; } = "";

        public string Permissions { get; init; } = "[]";

        public string ObjectModel { get; init; } = "";

        public Guid InDomain { get; init; }

        public string? Group { get; init; }

        public string Where(DomainScope domain) =>
            ObjectModel.Length > 0 ? "on the object"
            : InDomain == Guid.Empty ? "everywhere"
            : $"in the domain {domain.Name}";
    }
}
