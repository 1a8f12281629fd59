using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpFile.Migrations;

/// <summary>The detail tables.</summary>
internal sealed class M0001FileTables() : Migration(1, "file_tables")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("file_filecontent", "core_content")
            .WithColumn("relative_path", ColumnType.Text)
            .WithColumn("digest", ColumnType.Text)
            .UniqueInDomain("relative_path", "digest");
        schema.CreateIndex("file_filecontent_digest", "file_filecontent", "digest");
        schema.CreateDetailTable("file_fileremote", "core_remote");
        schema
            .CreateDetailTable("file_filerepository", "core_repository")
            .WithColumn("autopublish", ColumnType.Boolean)
            .WithColumn("manifest", ColumnType.Text, c => c.Nullable());
        schema
            .CreateDetailTable("file_filepublication", "core_publication")
            .WithColumn("manifest", ColumnType.Text, c => c.Nullable());
        schema.CreateDetailTable("file_filedistribution", "core_distribution");
        schema.CreateDetailTable("file_filealternatecontentsource", "core_alternatecontentsource");
    }
}
