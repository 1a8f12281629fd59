using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Who did what. Names stand in full: the log outlives the accounts.</summary>
internal sealed class M0008AuditLog() : Migration(8, "audit_log")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_auditevent")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .WithColumn("kind", ColumnType.Text)
            .WithColumn("username", ColumnType.Text, c => c.Nullable())
            .WithColumn("with_token", ColumnType.Boolean)
            .WithColumn("method", ColumnType.Text)
            .WithColumn("path", ColumnType.Text)
            .WithColumn("status", ColumnType.BigInteger)
            .WithColumn("address", ColumnType.Text)
            .WithColumn("correlation_id", ColumnType.Text);
        schema.CreateIndex("core_auditevent_created", "core_auditevent", "pulp_created");
        schema.CreateIndex("core_auditevent_username", "core_auditevent", "username, pulp_id");
    }
}
