using System.Text.Json;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Rights;

/// <summary>
/// Keeps the database's locked roles and the policies that nobody changed as this release ships them. Roles of plugins that aren't
/// installed stay.
/// </summary>
internal sealed class ShippedAccess(
    Database database,
    ShippedPolicies policies,
    PluginCatalog plugins,
    AccessMemory memory,
    TimeProvider clock
)
{
    public Task StoreAsync(CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                var changed = await StoreRolesAsync(tx, cancellationToken);
                changed |= await StorePoliciesAsync(tx, cancellationToken);
                if (changed)
                {
                    await memory.ChangedAsync(tx, cancellationToken);
                }
            },
            cancellationToken
        );

    /// <summary>The roles of this release: the server's, and those of its plugins.</summary>
    public IReadOnlyList<Role> Roles => [.. CoreRoles.All, .. plugins.Plugins.SelectMany(p => p.Roles)];

    private async Task<bool> StoreRolesAsync(IDb tx, CancellationToken cancellationToken)
    {
        var stored = (
            await tx.QueryAsync<StoredRole>(
                $"select name, description, permissions, locked from core_role",
                cancellationToken
            )
        ).ToDictionary(r => r.Name, StringComparer.Ordinal);
        var changed = false;
        foreach (var role in Roles)
        {
            var permissions = JsonSerializer.Serialize(role.Permissions.Distinct().Order(StringComparer.Ordinal));
            if (stored.Remove(role.Name, out var known) && known.Is(role, permissions))
            {
                continue;
            }

            changed = true;
            var now = clock.GetUtcNow();
            await tx.ExecuteAsync(
                $"""
                insert into core_role (pulp_id, pulp_created, pulp_last_updated, name, description, permissions, locked)
                values ({Ids.New(now)}, {now}, {now}, {role.Name}, {role.Description}, {new JsonText(
                    permissions
                )}, {true})
                on conflict (name) do update
                   set description = excluded.description, permissions = excluded.permissions, locked = excluded.locked,
                       pulp_last_updated = excluded.pulp_last_updated
                """,
                cancellationToken
            );
        }

        string[] apps = ["core", .. plugins.Plugins.Select(p => p.Identity.AppLabel)];
        foreach (var old in stored.Values.Where(r => r.Locked && apps.Contains(r.Name.Split('.')[0])))
        {
            changed = true;
            await tx.ExecuteAsync($"delete from core_role where name = {old.Name} and locked", cancellationToken);
        }

        return changed;
    }

    private async Task<bool> StorePoliciesAsync(IDb tx, CancellationToken cancellationToken)
    {
        var stored = (
            await tx.QueryAsync<StoredPolicy>(
                $"select viewset_name, statements, creation_hooks, queryset_scoping, customized from core_accesspolicy",
                cancellationToken
            )
        ).ToDictionary(p => p.ViewsetName, StringComparer.Ordinal);
        var changed = false;
        foreach (var row in policies.All.Select(p => p.ToRow()))
        {
            if (stored.TryGetValue(row.ViewsetName, out var known) && (known.Customized || known.Is(row)))
            {
                continue;
            }

            changed = true;
            var now = clock.GetUtcNow();
            await tx.ExecuteAsync(
                $"""
                insert into core_accesspolicy (pulp_id, pulp_created, pulp_last_updated, viewset_name, statements, creation_hooks,
                                               queryset_scoping, customized)
                values ({Ids.New(now)}, {now}, {now}, {row.ViewsetName}, {new JsonText(row.Statements)},
                        {Json(row.CreationHooks)}, {Json(row.QuerysetScoping)}, {false})
                on conflict (viewset_name) do update
                   set statements = excluded.statements, creation_hooks = excluded.creation_hooks,
                       queryset_scoping = excluded.queryset_scoping, pulp_last_updated = excluded.pulp_last_updated
                 where not core_accesspolicy.customized
                """,
                cancellationToken
            );
        }

        return changed;
    }

    /// <summary>Brings a policy back to what is shipped; false where nothing is shipped under its name.</summary>
    public async Task<bool> ResetAsync(IDb tx, string name, CancellationToken cancellationToken)
    {
        if (policies.All.FirstOrDefault(p => p.Name == name)?.ToRow() is not { } row)
        {
            return false;
        }

        await tx.ExecuteAsync(
            $"""
            update core_accesspolicy
               set statements = {new JsonText(row.Statements)}, creation_hooks = {Json(row.CreationHooks)},
                   queryset_scoping = {Json(row.QuerysetScoping)}, customized = {false},
                   pulp_last_updated = {clock.GetUtcNow()}
             where viewset_name = {name}
            """,
            cancellationToken
        );
        await memory.ChangedAsync(tx, cancellationToken);
        return true;
    }

    private static JsonText? Json(string? text) => text is null ? null : new JsonText(text);

    private static bool Same(string? one, string? other) =>
        one is null || other is null
            ? one == other
            : System.Text.Json.Nodes.JsonNode.DeepEquals(
                System.Text.Json.Nodes.JsonNode.Parse(one),
                System.Text.Json.Nodes.JsonNode.Parse(other)
            );

    private sealed record StoredRole
    {
        public string Name { get; init; } = "";

        public string? Description { get; init; }

        public string Permissions { get; init; } = "[]";

        public bool Locked { get; init; }

        public bool Is(Role role, string permissions) =>
            Locked && Description == role.Description && Same(Permissions, permissions);
    }

    private sealed record StoredPolicy
    {
        public string ViewsetName { get; init; } = "";

        public string Statements { get; init; } = "[]";

        public string? CreationHooks { get; init; }

        public string? QuerysetScoping { get; init; }

        public bool Customized { get; init; }

        public bool Is(PolicyRow row) =>
            Same(Statements, row.Statements)
            && Same(CreationHooks, row.CreationHooks)
            && Same(QuerysetScoping, row.QuerysetScoping);
    }
}
