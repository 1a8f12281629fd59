using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>The server's own kinds of content guards. A guard that a distribution or another guard names isn't deleted.</summary>
internal sealed class M0006ContentGuards() : Migration(6, "content_guards")
{
    public override void Up(SchemaBuilder schema)
    {
        Guard(schema, "core_rbaccontentguard");
        Guard(schema, "core_headercontentguard")
            .WithColumn("header_name", ColumnType.Text)
            .WithColumn("header_value", ColumnType.Text)
            .WithColumn("jq_filter", ColumnType.Text, c => c.Nullable());
        Guard(schema, "core_contentredirectcontentguard").WithColumn("shared_secret", ColumnType.Text);
        Guard(schema, "certguard_x509certguard").WithColumn("ca_certificate", ColumnType.Text);
        Guard(schema, "certguard_rhsmcertguard").WithColumn("ca_certificate", ColumnType.Text);
        Guard(schema, "core_compositecontentguard");
        schema
            .CreateTable("core_compositecontentguard_guards")
            .WithColumn("composite_id", ColumnType.Uuid, c => c.References("core_compositecontentguard", "cascade"))
            .WithColumn("guard_id", ColumnType.Uuid, c => c.References("core_contentguard"))
            .WithColumn("position", ColumnType.BigInteger)
            .PrimaryKey("composite_id", "guard_id");
        schema.CreateIndex("core_compositecontentguard_guards_guard", "core_compositecontentguard_guards", "guard_id");
        schema.CreateIndex("core_distribution_content_guard", "core_distribution", "content_guard_id");
    }

    private static TableBuilder Guard(SchemaBuilder schema, string table) =>
        schema.CreateDetailTable(table, "core_contentguard");
}
