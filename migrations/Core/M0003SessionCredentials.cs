using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>A session knows the password it was opened with; those that don't have ended.</summary>
internal sealed class M0003SessionCredentials() : Migration(3, "session_credentials")
{
    public override void Up(SchemaBuilder schema) =>
        schema.AddColumn("core_session", "credential", ColumnType.Text, c => c.Nullable());
}
