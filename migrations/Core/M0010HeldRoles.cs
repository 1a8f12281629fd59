using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>
/// Which roles somebody has, or once had, on objects of a kind. Rows stay when the last object goes: what is remembered of them can
/// then only be too much, never too little.
/// </summary>
internal sealed class M0010HeldRoles() : Migration(10, "held roles")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_heldrole")
            .WithColumn("user_id", ColumnType.BigInteger)
            .WithColumn("group_id", ColumnType.BigInteger)
            .WithColumn("object_model", ColumnType.Text)
            .WithColumn("role_id", ColumnType.Uuid, c => c.References("core_role", "cascade"))
            .PrimaryKey("user_id", "group_id", "object_model", "role_id");
        schema.CreateIndex("core_heldrole_group", "core_heldrole", "group_id");
        schema.CreateIndex("core_heldrole_role", "core_heldrole", "role_id");
        schema.Execute(
            $"""
            insert into core_heldrole (user_id, group_id, object_model, role_id)
            select distinct user_id, 0, object_model, role_id from core_userrole where object_model <> ''
             union all
            select distinct 0, group_id, object_model, role_id from core_grouprole where object_model <> ''
            """
        );
    }
}
