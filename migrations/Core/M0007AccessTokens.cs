using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Personal access tokens: of the token itself there is the hash alone.</summary>
internal sealed class M0007AccessTokens() : Migration(7, "access_tokens")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_accesstoken")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("user_id", ColumnType.BigInteger)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("token_hash", ColumnType.Text)
            .WithColumn("scope", ColumnType.Text)
            .WithColumn("expires_at", ColumnType.Timestamp, c => c.Nullable())
            .WithColumn("last_used", ColumnType.Timestamp, c => c.Nullable())
            .Unique("token_hash")
            .Unique("user_id", "name");
    }
}
