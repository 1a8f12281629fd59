using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks;

/// <summary>Tasks, groups and workers as kinds of resources.</summary>
internal static class TaskKinds
{
    public static ResourceKind Tasks() =>
        new("core", "task", typeof(TaskRecord), "core_task", detailTable: null)
        {
            Path = "tasks/",
            OperationStem = "tasks",
            Tag = "Tasks",
            DomainColumn = "m.pulp_domain_id",
            ModelName = "Task",
            Verbs = Verbs.List | Verbs.Read | Verbs.Roles,
            Policy = TaskRights.Tasks,
            ImpliedRoles = TaskRights.OfSender,
            Members = (kind, context) => AddTaskMembers(kind, context.IsPostgres),
        };

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

    public static ResourceKind Workers() =>
        new("core", "worker", typeof(WorkerRecord), "core_appstatus", detailTable: null)
        {
            Path = "workers/",
            OperationStem = "workers",
            Tag = "Workers",
            ModelName = "Worker",
            IsForAdministrators = true,
            Visible = $"m.app_type = 'worker'",
            Verbs = Verbs.List | Verbs.Read,
            Members = (kind, _) => AddWorkerMembers(kind),
        };

    private static void AddTaskMembers(ResourceKind kind, bool postgres)
    {
        FieldFilters.Add(kind, "pulp_created", "m.pulp_created", FieldType.Timestamp, Lookups.Date);
        kind.Filters["state"] = kind.Filters["state"] with { Schema = Schemas.Choice(TaskStates.All) };
        var agg = new Json(postgres);
        kind.Outputs.Add(Href("created_by", "case when m.sender_owns then m.created_by end", "users/"));
        kind.Outputs.Add(
            Href(
                "worker",
                "case when m.state in ('running', 'canceling') and exists (select 1 from core_appstatus w where w.pulp_id = m.worker_id and w.app_type = 'worker') then m.worker_id end",
                "workers/"
            )
        );
        kind.Outputs.Add(Href("parent_task", "m.parent_task_id", "tasks/"));
        kind.Outputs.Add(Href("task_group", "m.task_group_id", "task-groups/"));
        kind.Outputs.Add(
            Hrefs(
                "child_tasks",
                $"(select {agg.List($"'{ResourceKind.ApiRoot}tasks/' || c.pulp_id || '/'")} from core_task c where c.parent_task_id = m.pulp_id)"
            )
        );
        kind.Outputs.Add(
            Outputs.RawJson(
                "progress_reports",
                $"(select {agg.List(agg.Object("message", "code", "state", "total", "done", "suffix"))} from (select * from core_progressreport x where x.task_id = m.pulp_id order by x.pulp_id) p)",
                "[]",
                Schemas.Array(Schemas.Ref("ProgressReportResponse")).ReadOnly()
            )
        );
        kind.Outputs.Add(
            Hrefs(
                "created_resources",
                $"(select {agg.List("c.href")} from (select * from core_createdresource x where x.task_id = m.pulp_id order by x.id) c)"
            )
        );
        kind.Outputs.Add(
            Outputs.RawJson(
                "created_resource_prns",
                $"(select {agg.List("c.prn")} from (select * from core_createdresource x where x.task_id = m.pulp_id order by x.id) c)",
                "[]",
                Schemas.Array(Schemas.Text()).ReadOnly()
            )
        );
        kind.MinimalOutputs = new HashSet<string>(StringComparer.Ordinal)
        {
            "pulp_href",
            "prn",
            "pulp_created",
            "pulp_last_updated",
            "name",
            "state",
            "unblocked_at",
            "started_at",
            "finished_at",
            "worker",
        };
        TaskFilters.AddAll(kind);
    }

    private static void AddGroupMembers(ResourceKind kind, bool postgres)
    {
        kind.Outputs.RemoveAll(o => o.Name is "pulp_created" or "pulp_last_updated");
        kind.Filters.Clear();
        kind.Orderings.Clear();
        var agg = new Json(postgres);
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

    private static void AddWorkerMembers(ResourceKind kind)
    {
        kind.Outputs.Add(
            Href(
                "current_task",
                "(select t.pulp_id from core_task t where t.worker_id = m.pulp_id and t.state in ('running', 'canceling') limit 1)",
                "tasks/"
            )
        );
        kind.Add(Liveness("online", online: true));
        kind.Add(Liveness("missing", online: false));
    }

    private static Filter Liveness(string name, bool online) =>
        Filters.Sync(
            name,
            Schemas.Parameter(FieldType.Boolean),
            (input, value) =>
            {
                if (FieldFilters.Parse(input, FieldType.Boolean, value) is not bool wanted)
                {
                    return null;
                }

                return wanted == online ? (SqlText)$"{Heartbeats.IsOnline}" : $"not ({Heartbeats.IsOnline})";
            }
        );

    private static OutputField Href(string name, string select, string path) =>
        new(
            name,
            [select],
            (json, row, at) =>
            {
                if (row.IsNull(at))
                {
                    json.WriteNullValue();
                }
                else if (path == "users/")
                {
                    json.WriteStringValue($"{row.Domain.SharedRoot}users/{row.Integer(at)}/");
                }
                else
                {
                    row.WriteName(json, at, path == "workers/" ? row.Domain.SharedRoot : row.Domain.Root, path, "/");
                }
            },
            Schemas.Uri().OrNull().ReadOnly()
        );

    /// <summary>A list of hrefs, which are stored without a domain.</summary>
    private static OutputField Hrefs(string name, string select) =>
        new(
            name,
            [select],
            (json, row, at) =>
            {
                using var list = JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
                json.WriteStartArray();
                foreach (var href in list.RootElement.EnumerateArray())
                {
                    json.WriteStringValue(row.Domain.Localize(href.GetString() ?? ""));
                }

                json.WriteEndArray();
            },
            Schemas.Array(Schemas.Uri()).ReadOnly()
        );

    /// <summary>JSON aggregates of either database.</summary>
    private sealed class Json(bool postgres)
    {
        public string List(string item) => postgres ? $"json_agg({item})" : $"json_group_array({item})";

        public string Array(params string[] items) =>
            $"{(postgres ? "json_build_array" : "json_array")}({string.Join(", ", items)})";

        public string Object(params string[] columns) =>
            $"{(postgres ? "json_build_object" : "json_object")}({string.Join(", ", columns.Select(c => $"'{c}', p.{c}"))})";
    }
}
