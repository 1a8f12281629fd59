using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks;

/// <summary>Groups of tasks as a kind of resources.</summary>
internal static class TaskGroupKinds
{
    public static ResourceKind Groups() =>
        new("core", "taskgroup", typeof(TaskGroupRecord), "core_taskgroup", detailTable: null)
        {
            Path = "task-groups/",
            OperationStem = "task_groups",
            Tag = "Task-Groups",
            DomainColumn = "m.pulp_domain_id",
            ModelName = "TaskGroup",
            Verbs = Verbs.List | Verbs.Read,
            Policy = TaskRights.Groups,
            Scope = TaskRights.SeenGroups,
            Members = (kind, context) => AddGroupMembers(kind, context.IsPostgres),
        };

    private static void AddGroupMembers(ResourceKind kind, bool postgres)
    {
        kind.Outputs.RemoveAll(o => o.Name is "pulp_created" or "pulp_last_updated");
        kind.Filters.Clear();
        kind.Orderings.Clear();
        var agg = new JsonAggregates(postgres);
        foreach (var state in TaskStates.All)
        {
            kind.Outputs.Add(
                new OutputField(
                    state,
                    [$"(select count(*) from core_task t where t.task_group_id = m.pulp_id and t.state = '{state}')"],
                    Outputs.Writer(FieldType.Integer),
                    Schemas.Integer().ReadOnly()
                )
            );
        }

        kind.Outputs.Add(
            Outputs.RawJson(
                "group_progress_reports",
                $"(select {agg.List(agg.Object("message", "code", "total", "done", "suffix"))} from core_groupprogressreport p where p.task_group_id = m.pulp_id)",
                "[]",
                Schemas.Array(Schemas.Ref("GroupProgressReportResponse")).ReadOnly()
            )
        );
        kind.Outputs.Add(
            new OutputField(
                "tasks",
                [
                    $"(select {agg.List(agg.Array("t.pulp_id", "t.name", "t.state", "t.pulp_created", "t.pulp_last_updated", "t.unblocked_at", "t.started_at", "t.finished_at"))} from core_task t where t.task_group_id = m.pulp_id)",
                ],
                WriteMinimalTasks,
                Schemas.Array(Schemas.Ref("MinimalTaskResponse")).ReadOnly()
            )
        );
    }

    private static void WriteMinimalTasks(Utf8JsonWriter json, RowReader row, int at)
    {
        string[] names =
        [
            "name",
            "state",
            "pulp_created",
            "pulp_last_updated",
            "unblocked_at",
            "started_at",
            "finished_at",
        ];
        using var list = JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
        json.WriteStartArray();
        foreach (var task in list.RootElement.EnumerateArray())
        {
            var id = task[0].GetString();
            json.WriteStartObject();
            json.WriteString("pulp_href", $"{row.Domain.Root}tasks/{id}/");
            json.WriteString("prn", $"prn:core.task:{id}");
            for (var i = 0; i < names.Length; i++)
            {
                json.WritePropertyName(names[i]);
                if (
                    i >= 2
                    && task[i + 1].ValueKind == JsonValueKind.String
                    && task[i + 1].TryGetDateTimeOffset(out var moment)
                )
                {
                    json.WriteStringValue(moment.UtcDateTime.ToString(Dialect.TimestampFormat, null));
                }
                else
                {
                    task[i + 1].WriteTo(json);
                }
            }

            json.WriteNull("worker");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
