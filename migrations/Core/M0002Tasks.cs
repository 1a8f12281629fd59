using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Tasks, what they reserve, and the processes that run them.</summary>
internal sealed class M0002Tasks() : Migration(2, "tasks")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_appstatus")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("app_type", ColumnType.Text)
            .WithColumn("versions", ColumnType.Json)
            .WithColumn("ttl_seconds", ColumnType.BigInteger)
            .WithColumn("last_heartbeat", ColumnType.Timestamp)
            .WithColumn("process", ColumnType.Text);
        schema.CreateIndex("core_appstatus_type", "core_appstatus", "app_type, last_heartbeat");

        schema
            .CreateTable("core_taskgroup")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .InDomain()
            .WithColumn("description", ColumnType.Text)
            .WithColumn("all_tasks_dispatched", ColumnType.Boolean);

        schema
            .CreateTable("core_task")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .InDomain()
            .WithColumn("state", ColumnType.Text)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("logging_cid", ColumnType.Text)
            .WithColumn("created_by", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("unblocked_at", ColumnType.Timestamp, c => c.Nullable())
            .WithColumn("started_at", ColumnType.Timestamp, c => c.Nullable())
            .WithColumn("finished_at", ColumnType.Timestamp, c => c.Nullable())
            .WithColumn("enc_args", ColumnType.Text)
            .WithColumn("error", ColumnType.Json, c => c.Nullable())
            .WithColumn("result", ColumnType.Json, c => c.Nullable())
            .WithColumn("worker_id", ColumnType.Uuid, c => c.Nullable().References("core_appstatus", "set null"))
            .WithColumn("parent_task_id", ColumnType.Uuid, c => c.Nullable().References("core_task", "set null"))
            .WithColumn("task_group_id", ColumnType.Uuid, c => c.Nullable().References("core_taskgroup", "set null"))
            .WithColumn("reserved_resources_record", ColumnType.Json)
            .WithColumn("immediate", ColumnType.Boolean)
            // Somebody waits for its end in some process.
            .WithColumn("awaited", ColumnType.Boolean, c => c.Default("false"))
            // How many of its reservations are still held up by earlier tasks.
            .WithColumn("blocked_by", ColumnType.BigInteger);
        schema.CreateIndex(
            "core_task_runnable",
            "core_task",
            "pulp_id",
            where: "state = 'waiting' and unblocked_at is not null"
        );
        schema.CreateIndex("core_task_state", "core_task", "state, pulp_id");
        schema.CreateIndex("core_task_worker", "core_task", "worker_id", where: "worker_id is not null");
        schema.CreateIndex("core_task_parent", "core_task", "parent_task_id", where: "parent_task_id is not null");
        schema.CreateIndex("core_task_group", "core_task", "task_group_id", where: "task_group_id is not null");
        schema.CreateIndex("core_task_finished", "core_task", "finished_at", where: "finished_at is not null");

        // One queue per resource, in order of id. A reservation is granted when nothing before it conflicts.
        schema
            .CreateTable("core_taskreservation")
            .WithColumn("id", ColumnType.BigInteger, c => c.Identity())
            .WithColumn("task_id", ColumnType.Uuid, c => c.References("core_task", "cascade"))
            .WithColumn("resource", ColumnType.Text)
            .WithColumn("exclusive", ColumnType.Boolean)
            .WithColumn("granted", ColumnType.Boolean);
        schema.CreateIndex("core_taskreservation_waiting", "core_taskreservation", "resource, granted, id");
        schema.CreateIndex(
            "core_taskreservation_exclusive",
            "core_taskreservation",
            "resource, id",
            where: "exclusive"
        );
        schema.CreateIndex("core_taskreservation_task", "core_taskreservation", "task_id");

        schema
            .CreateTable("core_progressreport")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("task_id", ColumnType.Uuid, c => c.References("core_task", "cascade"))
            .WithColumn("message", ColumnType.Text)
            .WithColumn("code", ColumnType.Text)
            .WithColumn("state", ColumnType.Text)
            .WithColumn("total", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("done", ColumnType.BigInteger)
            .WithColumn("suffix", ColumnType.Text, c => c.Nullable());
        schema.CreateIndex("core_progressreport_task", "core_progressreport", "task_id");

        schema
            .CreateTable("core_createdresource")
            .WithColumn("id", ColumnType.BigInteger, c => c.Identity())
            .WithColumn("task_id", ColumnType.Uuid, c => c.References("core_task", "cascade"))
            .WithColumn("href", ColumnType.Text)
            .WithColumn("prn", ColumnType.Text);
        schema.CreateIndex("core_createdresource_task", "core_createdresource", "task_id");
        schema.CreateIndex("core_createdresource_prn", "core_createdresource", "prn");

        schema
            .CreateTable("core_groupprogressreport")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("task_group_id", ColumnType.Uuid, c => c.References("core_taskgroup", "cascade"))
            .WithColumn("message", ColumnType.Text)
            .WithColumn("code", ColumnType.Text)
            .WithColumn("total", ColumnType.BigInteger)
            .WithColumn("done", ColumnType.BigInteger)
            .WithColumn("suffix", ColumnType.Text, c => c.Nullable());
        schema.CreateIndex("core_groupprogressreport_group", "core_groupprogressreport", "task_group_id");
    }
}
