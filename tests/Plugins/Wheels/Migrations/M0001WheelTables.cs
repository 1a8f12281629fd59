using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.TestPlugins.Wheels.Migrations;

/// <summary>The detail tables.</summary>
internal sealed class M0001WheelTables() : Migration(1, "wheel_tables")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("wheels_wheel", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("version", ColumnType.Text)
            .WithColumn("filename", ColumnType.Text)
            .WithColumn("summary", ColumnType.Text)
            .WithColumn("sha256", ColumnType.Text)
            .WithColumn("tag", ColumnType.Text)
            .UniqueInDomain("sha256");
        schema
            .CreateResourceTable("wheels_blockedproject")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", onDelete: "cascade"))
            .WithColumn("project", ColumnType.Text)
            .WithColumn("reason", ColumnType.Text, c => c.Nullable())
            .UniqueInDomain("repository_id", "project");
        schema.CreateDetailTable("wheels_wheelremote", "core_remote");
        schema.CreateDetailTable("wheels_wheelrepository", "core_repository");
        schema.CreateDetailTable("wheels_wheelpublication", "core_publication");
        schema.CreateDetailTable("wheels_wheeldistribution", "core_distribution");
        schema.CreateDetailTable("wheels_wheelguard", "core_contentguard").WithColumn("token", ColumnType.Text);
    }
}
