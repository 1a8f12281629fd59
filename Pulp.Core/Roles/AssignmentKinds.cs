using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;
using Pulp.Core.Rights;

namespace Pulp.Core.Roles;

/// <summary>The roles of users and of groups as kinds of resources, below them.</summary>
internal static class AssignmentKinds
{
    public static ResourceKind OfUsers(ResourceKind users) =>
        Kind(typeof(UserRole), users, nameof(UserRole.UserId), "users_user_role_href", "auth_");

    public static ResourceKind OfGroups(ResourceKind groups) =>
        Kind(typeof(GroupRole), groups, nameof(GroupRole.GroupId), "groups_group_role_href", "");

    private static ResourceKind Kind(Type record, ResourceKind holders, string property, string href, string app)
    {
        var holder = holders.ModelName.ToLowerInvariant();
        return new ResourceKind("core", $"{holder}role", record, $"core_{holder}role", detailTable: null)
        {
            Parent = new ParentKind(holders, property, "roles"),
            Path = $"{holders.Path}{{{ParentKind.RouteValue}}}/roles/",
            OperationStem = $"{holders.OperationStem}_roles",
            Tag = $"{holders.Tag}: Roles",
            HrefParameter = app + href,
            IsForAdministrators = true,
            Joined = $"join core_role r on r.pulp_id = m.role_id",
            Verbs = Verbs.List | Verbs.Read | Verbs.Delete,
            Members = (kind, context) => AddMembers(kind, context.Registry, context.Domains),
            MakeBehavior = services =>
            {
                var memory = services.GetRequiredService<AccessMemory>();
                return new KindBehavior
                {
                    BeforeDelete = (tx, _, _, cancellationToken) => memory.ChangedAsync(tx, cancellationToken),
                };
            },
            Operations = (kind, services) => services.GetRequiredService<AssignmentApi>().Map(kind, holder),
        };
    }

    private static void AddMembers(ResourceKind kind, ResourceRegistry registry, DomainDirectory domains)
    {
        kind.Outputs.Add(new OutputField("role", ["r.name"], Outputs.Writer(FieldType.Text), Schemas.Text()));
        kind.Outputs.Add(Object("content_object", registry, (of, domain, key) => of.Href(domain, key), domains));
        kind.Outputs.Add(Object("content_object_prn", registry, (of, _, key) => of.Prn(key), domains));
        kind.Outputs.Add(
            new OutputField("description", ["r.description"], Outputs.Writer(FieldType.Text), Schemas.ReadOnlyText())
        );
        kind.Outputs.Add(
            Outputs.RawJson("permissions", "r.permissions", "[]", Schemas.Array(Schemas.Text()).ReadOnly())
        );
        kind.Outputs.Add(
            new OutputField(
                "domain",
                ["m.in_domain"],
                (json, row, at) =>
                {
                    if (row.Id(at) is var domain && domain != Guid.Empty)
                    {
                        json.WriteStringValue($"{row.Domain.SharedRoot}domains/{domain}/");
                    }
                    else
                    {
                        json.WriteNullValue();
                    }
                },
                Schemas.Uri().OrNull()
            )
        );
        AddFilters(kind);
    }

    /// <summary>What of its object an assignment shows; nothing where there is none, or its plugin is gone.</summary>
    private static OutputField Object(
        string name,
        ResourceRegistry registry,
        Func<ResourceKind, DomainScope, object, string> text,
        DomainDirectory domains
    ) =>
        new(
            name,
            ["m.object_model", "m.object_id", "m.object_number", "m.object_domain"],
            (json, row, at) =>
            {
                if (registry.TryModel(row.Text(at), out var of))
                {
                    var domain = domains.Known(row.Id(at + 3)) ?? row.Domain;
                    json.WriteStringValue(text(of, domain, of.HasIntegerKey ? row.Integer(at + 2) : row.Id(at + 1)));
                }
                else
                {
                    json.WriteNullValue();
                }
            },
            Schemas.Text().OrNull()
        );

    private static void AddFilters(ResourceKind kind)
    {
        kind.Orderings.Clear();
        kind.Orderings["pk"] = kind.Key;
        kind.Orderings["pulp_created"] = "m.pulp_created";
        kind.Orderings["role"] = "r.name";
        kind.Orderings["description"] = "r.description";
        FieldFilters.Add(
            kind,
            "role",
            "r.name",
            FieldType.Text,
            Lookups.Exact | Lookups.In | Lookups.Contains | Lookups.IContains | Lookups.StartsWith
        );
        kind.Filters.Remove("role__istartswith");
        kind.Add(
            Filters.Sync(
                "content_object",
                Schemas.Parameter(FieldType.Text),
                (input, value) =>
                    value == "null" ? (SqlText)$"m.object_model = ''"
                    : input.References.ParseKey(value) is { } on ? AssignedTo.Object(on.Kind, on.Key, Guid.Empty).Where
                    : input.Refuse($"URI not valid: {FilterInput.Shorten(value)}")
            )
        );
        kind.Add(
            Filters.Sync(
                "domain",
                Schemas.Parameter(FieldType.Text),
                (input, value) =>
                    value == "null" ? (SqlText)$"m.in_domain = {Guid.Empty}"
                    : Guid.TryParse(
                        value.TrimEnd('/')[(value.TrimEnd('/').LastIndexOfAny(['/', ':']) + 1)..],
                        out var id
                    )
                        ? $"m.in_domain = {id}"
                    : input.Refuse($"URI not valid: {FilterInput.Shorten(value)}")
            )
        );
    }
}
