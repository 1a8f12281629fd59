using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Scripts that sign, which all domains share.</summary>
internal sealed class M0011SigningServices() : Migration(11, "signing_services")
{
    public override void Up(SchemaBuilder schema) =>
        schema
            .CreateTable("core_signingservice")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("public_key", ColumnType.Text)
            .WithColumn("pubkey_fingerprint", ColumnType.Text)
            .WithColumn("script", ColumnType.Text)
            .WithColumn("signing_class", ColumnType.Text)
            .Unique("name");
}
