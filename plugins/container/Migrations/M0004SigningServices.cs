using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpContainer.Migrations;

/// <summary>Who signs the images of repositories.</summary>
internal sealed class M0004SigningServices() : Migration(4, "signing_services")
{
    public override void Up(SchemaBuilder schema)
    {
        foreach (var table in new[] { "container_containerrepository", "container_containerpushrepository" })
        {
            schema.AddColumn(
                table,
                "manifest_signing_service_id",
                ColumnType.Uuid,
                c => c.Nullable().References("core_signingservice", onDelete: "set null")
            );
        }
    }
}
