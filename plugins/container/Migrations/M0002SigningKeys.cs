using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpContainer.Migrations;

/// <summary>The keys that tokens are signed with, sealed.</summary>
internal sealed class M0002SigningKeys() : Migration(2, "signing_keys")
{
    public override void Up(SchemaBuilder schema) =>
        schema
            .CreateTable("container_signingkey")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("created_at", ColumnType.Timestamp)
            .WithColumn("sealed", ColumnType.Text);
}
