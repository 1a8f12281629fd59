using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>Who says that somebody is in a group: a directory's word can then be taken back without touching anybody else's.</summary>
internal sealed class M0012MembershipSources() : Migration(12, "membership sources")
{
    // Empty for those that were made here.
    public override void Up(SchemaBuilder schema) =>
        schema.AddColumn("core_groupuser", "source", ColumnType.Text, c => c.Default("''"));
}
