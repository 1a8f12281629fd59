using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Diagnostics of tasks. They go with their task, whoever removes it.</summary>
internal sealed class M0004TaskProfiles() : Migration(4, "task_profiles")
{
    public override void Up(SchemaBuilder schema)
    {
        schema.AddColumn("core_task", "profile_options", ColumnType.Text, c => c.Nullable());
        schema
            .CreateTable("core_taskprofile")
            .WithColumn("task_id", ColumnType.Uuid, c => c.References("core_task", "cascade"))
            .WithColumn("name", ColumnType.Text)
            .WithColumn("body", ColumnType.Binary)
            .PrimaryKey("task_id", "name");
    }
}
