using System.Text.Json;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Roles;

/// <summary>Roles as a kind of resource.</summary>
internal static partial class RoleKinds
{
    private const int MaxPermissions = 2000;

    public static ResourceKind Kind() =>
        new("core", "role", typeof(RoleRecord), "core_role", detailTable: null)
        {
            Path = "roles/",
            OperationStem = "roles",
            Tag = "Roles",
            ModelName = "Role",
            IsForAdministrators = true,
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.UpdateNow | Verbs.Delete,
            Members = (kind, context) =>
            {
                AddFilters(kind, context.IsPostgres);
                AddObjectFilter(kind, context.Services.GetRequiredService<PermissionCatalog>());
            },
            MakeBehavior = services =>
                Behavior(
                    services.GetRequiredService<PermissionCatalog>(),
                    services.GetRequiredService<AccessMemory>(),
                    services.GetRequiredService<PolicyBook>()
                ),
        };

    private static KindBehavior Behavior(PermissionCatalog permissions, AccessMemory memory, PolicyBook policies) =>
        new()
        {
            Validate = (input, _) =>
            {
                if (input.Current is RoleRecord { Locked: true })
                {
                    throw new ForbiddenException("The role is locked.");
                }

                Check(input, permissions);
                return Task.CompletedTask;
            },
            AfterWrite = (tx, _, _, cancellationToken) => memory.ChangedAsync(tx, cancellationToken),
            BeforeDelete = async (tx, key, _, cancellationToken) =>
            {
                await EnsureDeletableAsync(tx, key.Id, policies, cancellationToken);
                await memory.ChangedAsync(tx, cancellationToken);
            },
        };

    private static void Check(ChangeInput input, PermissionCatalog permissions)
    {
        var field = input.Kind.FieldOf(nameof(RoleRecord.Permissions));
        if (input.Given[field] is not string json)
        {
            return;
        }

        var given = JsonSerializer.Deserialize<List<string>>(json) ?? [];
        foreach (var permission in given.Take(MaxPermissions))
        {
            if (!Shape().IsMatch(permission))
            {
                input.Errors.Add(
                    field.Name,
                    $"Permission '{FilterInput.Shorten(permission)}' is not in the format '<app_label>.<codename>'."
                );
            }
            else if (!permissions.Knows(permission))
            {
                input.Errors.Add(field.Name, $"Permission '{FilterInput.Shorten(permission)}' does not exist.");
            }
        }

        if (given.Count > MaxPermissions)
        {
            input.Errors.Add(field.Name, $"Ensure this field has no more than {MaxPermissions} elements.");
        }

        input.Given[field] = JsonSerializer.Serialize(
            given.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );
    }

    private static async Task EnsureDeletableAsync(
        IDb tx,
        Guid id,
        PolicyBook policies,
        CancellationToken cancellationToken
    )
    {
        var role = await tx.FirstOrDefaultAsync<StoredRole>(
            $"select name, locked from core_role where pulp_id = {id}",
            cancellationToken
        );
        if (role is { Locked: true })
        {
            throw new ForbiddenException("The role is locked.");
        }

        var state = await policies.StateAsync(cancellationToken);
        if (
            policies.Of(state).Values.FirstOrDefault(p => p.Hooks.Any(h => h.Roles.Contains(role?.Name ?? ""))) is
            { } user
        )
        {
            throw new ConflictException($"The access policy '{user.Name}' gives this role on what is created.");
        }
    }

    private static void AddFilters(ResourceKind kind, bool postgres)
    {
        kind.Add(
            Filters.Sync(
                "contains_permission",
                Schemas.ListParameter(FieldType.Text),
                (_, value) =>
                    Sql.Any(
                        Filters
                            .Split(value)
                            .Select(permission =>
                                postgres
                                    ? (SqlText)$"jsonb_exists(m.permissions, {permission})"
                                    : $"exists (select 1 from json_each(m.permissions) p where p.value = {permission})"
                            )
                    )
            )
        );
    }

    /// <summary>Roles all of whose permissions are about a kind of object, which an href or PRN of one names.</summary>
    private static void AddObjectFilter(ResourceKind kind, PermissionCatalog permissions) =>
        kind.Add(
            Filters.Sync(
                "for_object_type",
                Schemas.Parameter(FieldType.Text),
                (input, value) =>
                    input.References.Parse(value) is not { } target
                        ? input.Refuse($"URI not valid: {FilterInput.Shorten(value)}")
                        : OnlyAbout(permissions.About(target.Kind))
            )
        );

    private static SqlText OnlyAbout(IReadOnlyList<string> known) =>
        $"""
            not exists (select 1 from {Sql.For(
                "jsonb_array_elements_text(m.permissions) p(value)",
                "json_each(m.permissions) p"
            )} where p.value not in {known})
              and {Sql.For("m.permissions <> '[]'::jsonb", "m.permissions <> '[]'")}
            """;

    private sealed record StoredRole
    {
        public string Name { get; init; } = "";

        public bool Locked { get; init; }
    }

    [GeneratedRegex(@"^[a-z0-9_]+\.[a-z0-9_]+$")]
    private static partial Regex Shape();
}
