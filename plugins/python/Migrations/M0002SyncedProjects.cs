using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpPython.Migrations;

/// <summary>What the last sync of a repository saw of each project.</summary>
internal sealed class M0002SyncedProjects() : Migration(2, "synced_projects")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("python_syncstate")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.PrimaryKey().References("core_repository", "cascade"))
            .WithColumn("conditions", ColumnType.Text)
            .WithColumn("version", ColumnType.BigInteger);
        schema
            .CreateTable("python_syncedproject")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("name", ColumnType.Text)
            .WithColumn("tag", ColumnType.Text)
            .WithColumn("serial", ColumnType.BigInteger, c => c.Nullable())
            .PrimaryKey("repository_id", "name");
    }
}
