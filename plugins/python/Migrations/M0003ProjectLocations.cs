using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpPython.Migrations;

/// <summary>Which projects elsewhere the upstreams of a repository say that its projects are (PEP 708).</summary>
internal sealed class M0003ProjectLocations() : Migration(3, "project_locations")
{
    public override void Up(SchemaBuilder schema) =>
        schema
            .CreateTable("python_projectlocation")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("name", ColumnType.Text)
            .WithColumn("locations", ColumnType.Text)
            .PrimaryKey("repository_id", "name");
}
