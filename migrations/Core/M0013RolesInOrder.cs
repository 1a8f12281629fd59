using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>The roles that somebody has on objects of a model, in the order of these objects, whichever roles they are.</summary>
internal sealed class M0013RolesInOrder() : Migration(13, "roles in order")
{
    public override void Up(SchemaBuilder schema)
    {
        schema.Execute($"drop index core_userrole_given");
        schema.Execute($"drop index core_grouprole_given");
        foreach (var holder in new[] { "user", "group" })
        {
            var (table, index) = ($"core_{holder}role", $"core_{holder}role_given");
            schema.CreateIndex(
                index,
                table,
                $"{holder}_id, object_model, object_id, object_number, role_id, in_domain",
                unique: true
            );
        }
    }
}
