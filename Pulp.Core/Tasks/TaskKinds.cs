using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks;

/// <summary>Tasks and workers as kinds of resources.</summary>
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
        var agg = new JsonAggregates(postgres);
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
}
