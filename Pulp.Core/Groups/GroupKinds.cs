using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Groups;

/// <summary>Groups and their members as kinds of resources.</summary>
internal static class GroupKinds
{
    public static ResourceKind Groups() =>
        new("core", "group", typeof(Group), "core_group", detailTable: null)
        {
            Path = "groups/",
            OperationStem = "groups",
            Tag = "Groups",
            KeyColumn = "id",
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.UpdateNow | Verbs.Delete | Verbs.Roles,
            Policy = AccessPolicy.Of(
                AccessStatement.Allow(["create"], "has_model_perms:core.add_group"),
                AccessStatement.Allow(["retrieve", "my_permissions"], Here("view_group")),
                AccessStatement.Allow(["update", "partial_update"], Here("change_group")),
                AccessStatement.Allow(["destroy"], Here("delete_group")),
                AccessStatement.Allow(["list_roles", "add_role", "remove_role"], Here("manage_roles_group"))
            ),
            MakeBehavior = services => services.GetRequiredService<GroupChanges>().Behavior(),
        };

    public static ResourceKind Users(ResourceKind groups) =>
        new("core", "groupuser", typeof(GroupUser), "core_groupuser", detailTable: null)
        {
            Parent = new ParentKind(groups, nameof(GroupUser.GroupId), "users"),
            Path = $"groups/{{{ParentKind.RouteValue}}}/users/",
            OperationStem = "groups_users",
            Tag = "Groups: Users",
            KeyColumn = "user_id",
            KeyProperty = nameof(GroupUser.UserId),
            HrefParameter = "groups_user_href",
            Verbs = Verbs.List,
            Policy = new AccessPolicy
            {
                Statements =
                [
                    AccessStatement.Allow(["list"], OnGroup("view_group")),
                    AccessStatement.Allow(["create", "destroy"], OnGroup("change_group")),
                ],
                IsScoped = false,
            },
            Members = (kind, _) => AddMembers(kind),
            Operations = (kind, services) => services.GetRequiredService<GroupUserApi>().Map(kind),
        };

    private static void AddMembers(ResourceKind kind)
    {
        kind.Filters.Clear();
        kind.Orderings.Clear();
        kind.Outputs.RemoveAll(o => o.Name == "prn");
        kind.Outputs.Insert(
            0,
            new OutputField(
                "username",
                ["(select u.username from core_user u where u.id = m.user_id)"],
                Outputs.Writer(FieldType.Text),
                Schemas.Text()
            )
        );
        kind.Outputs.Add(
            new OutputField(
                "prn",
                ["m.user_id"],
                (json, row, at) => json.WriteStringValue($"prn:auth.user:{row.Integer(at)}"),
                Schemas.ReadOnlyText()
            )
        );
    }

    private static string Here(string codename) => $"has_model_or_obj_perms:core.{codename}";

    private static string OnGroup(string codename) => $"has_group_model_or_obj_perms:core.{codename}";
}
