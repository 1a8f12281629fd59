using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.TestPlugins.Images.Migrations;

/// <summary>The detail tables.</summary>
internal sealed class M0001ImageTables() : Migration(1, "image_tables")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("images_blob", "core_content")
            .WithColumn("digest", ColumnType.Text)
            .UniqueInDomain("digest");
        schema
            .CreateDetailTable("images_manifest", "core_content")
            .WithColumn("digest", ColumnType.Text)
            .WithColumn("media_type", ColumnType.Text)
            .UniqueInDomain("digest");
        schema
            .CreateDetailTable("images_tag", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("tagged_manifest_id", ColumnType.Uuid, c => c.References("core_content"))
            .UniqueInDomain("name", "tagged_manifest_id");
        schema.CreateIndex("images_tag_manifest", "images_tag", "tagged_manifest_id");
        schema.CreateReferenceTable("images_manifest_blobs");
        schema.CreateDetailTable("images_imageremote", "core_remote");
        schema
            .CreateDetailTable("images_imagerepository", "core_repository")
            .WithColumn("immutable_tags", ColumnType.Boolean);
        schema.CreateDetailTable("images_pushrepository", "core_repository");
        schema
            .CreateResourceTable("images_imagenamespace")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("pulp_labels", ColumnType.Json)
            .UniqueInDomain("name");
        schema
            .CreateDetailTable("images_imagedistribution", "core_distribution")
            .WithColumn("namespace_id", ColumnType.Uuid, c => c.Nullable().References("images_imagenamespace"))
            .WithColumn("remote_id", ColumnType.Uuid, c => c.Nullable().References("core_remote", "set null"));
    }
}
