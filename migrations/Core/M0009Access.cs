using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Groups, roles, who has them where, and access policies.</summary>
internal sealed class M0009Access() : Migration(9, "access")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_group")
            .WithColumn("id", ColumnType.BigInteger, c => c.Identity())
            .WithColumn("name", ColumnType.Text)
            .Unique("name");
        schema
            .CreateTable("core_groupuser")
            .WithColumn("group_id", ColumnType.BigInteger)
            .WithColumn("user_id", ColumnType.BigInteger)
            .PrimaryKey("group_id", "user_id");
        schema.CreateIndex("core_groupuser_user", "core_groupuser", "user_id, group_id");

        Resource(schema, "core_role")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("description", ColumnType.Text, c => c.Nullable())
            .WithColumn("permissions", ColumnType.Json)
            .WithColumn("locked", ColumnType.Boolean)
            .Unique("name");
        Assignments(schema, "core_userrole", "user_id");
        Assignments(schema, "core_grouprole", "group_id");

        Resource(schema, "core_accesspolicy")
            .WithColumn("viewset_name", ColumnType.Text)
            .WithColumn("statements", ColumnType.Json)
            .WithColumn("creation_hooks", ColumnType.Json, c => c.Nullable())
            .WithColumn("queryset_scoping", ColumnType.Json, c => c.Nullable())
            .WithColumn("customized", ColumnType.Boolean)
            .Unique("viewset_name");

        // Who sent a task owns it; a row for each task would double what sending one costs.
        schema.AddColumn("core_task", "sender_owns", ColumnType.Boolean, c => c.Default("true"));
        schema.CreateIndex("core_task_created_by", "core_task", "created_by, pulp_id");
        schema.Execute($"insert into core_stamp (name, value) values ('access', 1)");
    }

    /// <summary>
    /// Roles that somebody has: everywhere, in a domain or on an object. What isn't said holds the empty id instead of null, so that
    /// the unique index sees that two are the same.
    /// </summary>
    private static void Assignments(SchemaBuilder schema, string name, string holder)
    {
        Resource(schema, name)
            .WithColumn(holder, ColumnType.BigInteger)
            .WithColumn("role_id", ColumnType.Uuid, c => c.References("core_role", "cascade"))
            .WithColumn("object_model", ColumnType.Text)
            .WithColumn("object_id", ColumnType.Uuid)
            .WithColumn("object_number", ColumnType.BigInteger)
            .WithColumn("object_domain", ColumnType.Uuid)
            .WithColumn("in_domain", ColumnType.Uuid);
        schema.CreateIndex(
            $"{name}_given",
            name,
            $"{holder}, role_id, object_id, object_number, object_model, in_domain",
            unique: true
        );
        schema.CreateIndex($"{name}_object", name, "object_id, object_number");
        schema.CreateIndex($"{name}_role", name, "role_id");
    }

    private static TableBuilder Resource(SchemaBuilder schema, string name) =>
        schema
            .CreateTable(name)
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp);
}
