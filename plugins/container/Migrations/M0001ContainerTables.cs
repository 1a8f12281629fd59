using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpContainer.Migrations;

/// <summary>Content, repositories, remotes, namespaces and distributions, and what was pushed but isn't in a version yet.</summary>
internal sealed class M0001ContainerTables() : Migration(1, "container_tables")
{
    public override void Up(SchemaBuilder schema)
    {
        CreateContent(schema);
        CreateManifest(schema);
        schema.CreateDetailTable("container_containerrepository", "core_repository");
        schema.CreateDetailTable("container_containerpushrepository", "core_repository");
        CreateRemotes(schema);
        CreateDistributions(schema);
        schema
            .CreateTable("container_pendingblob")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("digest", ColumnType.Text)
            // It keeps the blob from going as an orphan.
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content"))
            .WithColumn("expires_at", ColumnType.Timestamp)
            .PrimaryKey("repository_id", "digest");
        schema.CreateIndex("container_pendingblob_content", "container_pendingblob", "content_id");
        schema.CreateIndex("container_pendingblob_expires", "container_pendingblob", "expires_at");
    }

    private static void CreateContent(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("container_blob", "core_content")
            .WithColumn("digest", ColumnType.Text)
            .UniqueInDomain("digest");
        schema
            .CreateDetailTable("container_tag", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("tagged_manifest_id", ColumnType.Uuid, c => c.References("core_content"))
            .UniqueInDomain("name", "tagged_manifest_id");
        schema.CreateIndex("container_tag_manifest", "container_tag", "tagged_manifest_id");
        schema
            .CreateDetailTable("container_manifestsignature", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("digest", ColumnType.Text)
            .WithColumn("type", ColumnType.Text)
            .WithColumn("key_id", ColumnType.Text)
            .WithColumn("timestamp", ColumnType.BigInteger)
            .WithColumn("creator", ColumnType.Text)
            .WithColumn("data", ColumnType.Text)
            .WithColumn("signed_manifest_id", ColumnType.Uuid, c => c.References("core_content"))
            .UniqueInDomain("digest", "signed_manifest_id");
        schema.CreateIndex("container_manifestsignature_manifest", "container_manifestsignature", "signed_manifest_id");
    }

    private static void CreateManifest(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("container_manifest", "core_content")
            .WithColumn("digest", ColumnType.Text)
            .WithColumn("schema_version", ColumnType.BigInteger)
            .WithColumn("media_type", ColumnType.Text)
            .WithColumn("config_blob_id", ColumnType.Uuid, c => c.Nullable().References("core_content"))
            .WithColumn("annotations", ColumnType.Json)
            .WithColumn("labels", ColumnType.Json)
            .WithColumn("is_bootable", ColumnType.Boolean)
            .WithColumn("is_flatpak", ColumnType.Boolean)
            .WithColumn("type", ColumnType.Text, c => c.Nullable())
            .WithColumn("architecture", ColumnType.Text, c => c.Nullable())
            .WithColumn("os", ColumnType.Text, c => c.Nullable())
            .WithColumn("compressed_image_size", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("subject", ColumnType.Text, c => c.Nullable())
            .WithColumn("artifact_type", ColumnType.Text, c => c.Nullable())
            .WithColumn("size", ColumnType.BigInteger)
            .UniqueInDomain("digest");
        schema.CreateIndex("container_manifest_config", "container_manifest", "config_blob_id");
        schema.CreateIndex("container_manifest_subject", "container_manifest", "subject", where: "subject is not null");
        schema.CreateReferenceTable("container_manifest_blobs");
        schema.CreateReferenceTable("container_manifest_manifests");
        schema
            .CreateTable("container_manifestbody")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey().References("core_content", "cascade"))
            .WithColumn("body", ColumnType.Binary);
    }

    private static void CreateRemotes(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("container_containerremote", "core_remote")
            .WithColumn("upstream_name", ColumnType.Text)
            .WithColumn("includes", ColumnType.Json, c => c.Nullable())
            .WithColumn("excludes", ColumnType.Json, c => c.Nullable())
            .WithColumn("include_tags", ColumnType.Json, c => c.Nullable())
            .WithColumn("exclude_tags", ColumnType.Json, c => c.Nullable())
            .WithColumn("sigstore", ColumnType.Text, c => c.Nullable());
        schema
            .CreateDetailTable("container_containerpullthroughremote", "core_remote")
            .WithColumn("includes", ColumnType.Json, c => c.Nullable())
            .WithColumn("excludes", ColumnType.Json, c => c.Nullable());
    }

    private static void CreateDistributions(SchemaBuilder schema)
    {
        schema
            .CreateResourceTable("container_containernamespace")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("pulp_labels", ColumnType.Json)
            .UniqueInDomain("name");
        schema
            .CreateDetailTable("container_containerpullthroughdistribution", "core_distribution")
            .WithColumn("namespace_id", ColumnType.Uuid, c => c.Nullable().References("container_containernamespace"))
            .WithColumn("remote_id", ColumnType.Uuid, c => c.References("core_remote"))
            .WithColumn("private", ColumnType.Boolean)
            .WithColumn("description", ColumnType.Text, c => c.Nullable());
        schema
            .CreateDetailTable("container_containerdistribution", "core_distribution")
            .WithColumn("namespace_id", ColumnType.Uuid, c => c.Nullable().References("container_containernamespace"))
            .WithColumn("remote_id", ColumnType.Uuid, c => c.Nullable().References("core_remote", "set null"))
            .WithColumn(
                "pull_through_id",
                ColumnType.Uuid,
                c => c.Nullable().References("core_distribution", "set null")
            )
            .WithColumn("private", ColumnType.Boolean)
            .WithColumn("description", ColumnType.Text, c => c.Nullable());
        schema.CreateIndex(
            "container_containerdistribution_namespace",
            "container_containerdistribution",
            "namespace_id"
        );
        schema.CreateIndex(
            "container_containerdistribution_pull_through",
            "container_containerdistribution",
            "pull_through_id"
        );
    }
}
