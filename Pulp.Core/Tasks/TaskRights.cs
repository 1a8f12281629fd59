using Pulp.Core.Platform.Resources;
using static Pulp.PluginSdk.Access.AccessConditions;

namespace Pulp.Core.Tasks;

/// <summary>Who may do what with tasks: above all who sent one.</summary>
internal static class TaskRights
{
    public const string Owner = "core.task_owner";
    public const string Dispatcher = "core.task_user_dispatcher";

    public static AccessPolicy Tasks { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["purge"]),
            AccessStatement.Allow(["retrieve", "my_permissions"], Here("core.view_task")),
            AccessStatement.Allow(["profile_artifacts"], Here("core.view_task_profile_artifacts")),
            AccessStatement.Allow(["partial_update"], Here("core.change_task")),
            AccessStatement.Allow(["destroy"], Here("core.delete_task"))
        ) with
        {
            CreatorRoles = [Owner],
        };

    /// <summary>Cancelling a group takes the right to cancel each of its tasks, which is looked at then.</summary>
    public static AccessPolicy Groups { get; } =
        AccessPolicy.Of(AccessStatement.Allow(["list", "retrieve", "partial_update"]));

    public static IReadOnlyList<ImpliedRole> OfSender { get; } =
    [
        new(Dispatcher, user => $"m.created_by = {user}"),
        new(Owner, user => $"m.created_by = {user} and m.sender_owns")
        {
            Take = (task, user) =>
                $"""
                    update core_task set sender_owns = {false}
                     where pulp_id = {task.Id} and created_by = {user} and sender_owns
                    """,
        },
    ];

    /// <summary>A group is seen by who sees one of the tasks it began with.</summary>
    public static SqlText? SeenGroups(ResourceKind kind, IScope scope) =>
        scope.Seen(scope.For(typeof(TaskRecord)), Sql.Name("t.pulp_id")) is { } seen
            ? (SqlText)
                $"""
                    exists (select 1 from core_task t
                             where t.task_group_id = m.pulp_id and t.parent_task_id is null and {seen})
                    """
            : null;
}
