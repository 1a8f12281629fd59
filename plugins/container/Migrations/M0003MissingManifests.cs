using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpContainer.Migrations;

/// <summary>What indexes list and what isn't here.</summary>
internal sealed class M0003MissingManifests() : Migration(3, "missing_manifests")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("container_missingmanifest")
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content", "cascade"))
            .WithColumn("digest", ColumnType.Text)
            .PrimaryKey("content_id", "digest");
        schema.CreateIndex("container_missingmanifest_digest", "container_missingmanifest", "digest");
    }
}
