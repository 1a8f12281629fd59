using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations.Core;

/// <summary>The master tables, versions, serving and everything else that every installation has.</summary>
internal sealed class M0001Foundation() : Migration(1, "foundation")
{
    public override void Up(SchemaBuilder schema)
    {
        Domains(schema);
        Artifacts(schema);
        Content(schema);
        Repositories(schema);
        Serving(schema);
        Uploads(schema);
        Users(schema);
    }

    private static TableBuilder Resource(SchemaBuilder schema, string name) =>
        schema
            .CreateTable(name)
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp);

    private static TableBuilder Master(SchemaBuilder schema, string name) =>
        Resource(schema, name).InDomain().WithColumn("pulp_type", ColumnType.Text);

    private static void Domains(SchemaBuilder schema)
    {
        Resource(schema, "core_domain")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("description", ColumnType.Text, c => c.Nullable())
            .WithColumn("pulp_labels", ColumnType.Json)
            .WithColumn("storage_class", ColumnType.Text)
            .WithColumn("storage_settings", ColumnType.Json)
            .WithColumn("redirect_to_object_storage", ColumnType.Boolean)
            .WithColumn("hide_guarded_distributions", ColumnType.Boolean)
            .Unique("name");
        var now = Sql.For("now()", "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')");
        schema.Execute(
            $$"""
            insert into core_domain (pulp_id, pulp_created, pulp_last_updated, name, pulp_labels, storage_class, storage_settings,
                                     redirect_to_object_storage, hide_guarded_distributions)
            values ({{PluginSdk.Models.Domains.Default}}, {{now}}, {{now}}, 'default', {{new JsonText("{}")}},
                    'pulpcore.app.models.storage.FileSystem', {{new JsonText("{}")}}, {{true}}, {{false}})
            """
        );
    }

    private static void Artifacts(SchemaBuilder schema)
    {
        Resource(schema, "core_artifact")
            .InDomain()
            .WithColumn("file", ColumnType.Text)
            .WithColumn("size", ColumnType.BigInteger)
            .WithColumn("md5", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha1", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha224", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha256", ColumnType.Text)
            .WithColumn("sha384", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha512", ColumnType.Text, c => c.Nullable())
            .WithColumn("timestamp_of_interest", ColumnType.Timestamp)
            .UniqueInDomain("sha256");
    }

    private static void Content(SchemaBuilder schema)
    {
        Master(schema, "core_content")
            .WithColumn("pulp_labels", ColumnType.Json)
            .WithColumn("timestamp_of_interest", ColumnType.Timestamp);

        schema
            .CreateTable("core_contentartifact")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content", "cascade"))
            .WithColumn("artifact_id", ColumnType.Uuid, c => c.Nullable().References("core_artifact"))
            .WithColumn("relative_path", ColumnType.Text)
            .Unique("content_id", "relative_path");
        schema.CreateIndex(
            "core_contentartifact_artifact",
            "core_contentartifact",
            "artifact_id",
            where: "artifact_id is not null"
        );
        schema.CreateIndex("core_contentartifact_path", "core_contentartifact", "relative_path, content_id");

        Master(schema, "core_remote")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("url", ColumnType.Text)
            .WithColumn("pulp_labels", ColumnType.Json)
            .WithColumn("policy", ColumnType.Text)
            .WithColumn("ca_cert", ColumnType.Text, c => c.Nullable())
            .WithColumn("client_cert", ColumnType.Text, c => c.Nullable())
            .WithColumn("client_key", ColumnType.Text, c => c.Nullable())
            .WithColumn("tls_validation", ColumnType.Boolean)
            .WithColumn("proxy_url", ColumnType.Text, c => c.Nullable())
            .WithColumn("proxy_username", ColumnType.Text, c => c.Nullable())
            .WithColumn("proxy_password", ColumnType.Text, c => c.Nullable())
            .WithColumn("username", ColumnType.Text, c => c.Nullable())
            .WithColumn("password", ColumnType.Text, c => c.Nullable())
            .WithColumn("max_retries", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("total_timeout", ColumnType.Double, c => c.Nullable())
            .WithColumn("connect_timeout", ColumnType.Double, c => c.Nullable())
            .WithColumn("sock_connect_timeout", ColumnType.Double, c => c.Nullable())
            .WithColumn("sock_read_timeout", ColumnType.Double, c => c.Nullable())
            .WithColumn("headers", ColumnType.Json, c => c.Nullable())
            .WithColumn("download_concurrency", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("rate_limit", ColumnType.BigInteger, c => c.Nullable())
            .UniqueInDomain("name");

        schema
            .CreateTable("core_remoteartifact")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("content_artifact_id", ColumnType.Uuid, c => c.References("core_contentartifact", "cascade"))
            .WithColumn("remote_id", ColumnType.Uuid, c => c.References("core_remote", "cascade"))
            .WithColumn("url", ColumnType.Text)
            .WithColumn("size", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("md5", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha1", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha224", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha256", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha384", ColumnType.Text, c => c.Nullable())
            .WithColumn("sha512", ColumnType.Text, c => c.Nullable())
            .WithColumn("failed_at", ColumnType.Timestamp, c => c.Nullable())
            .Unique("content_artifact_id", "remote_id");
        schema.CreateIndex("core_remoteartifact_remote", "core_remoteartifact", "remote_id");
        schema.CreateIndex("core_remoteartifact_sha256", "core_remoteartifact", "sha256");
    }

    private static void Repositories(SchemaBuilder schema)
    {
        Master(schema, "core_repository")
            .WithColumn("pulp_labels", ColumnType.Json)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("description", ColumnType.Text, c => c.Nullable())
            .WithColumn("retain_repo_versions", ColumnType.BigInteger, c => c.Nullable())
            .WithColumn("remote_id", ColumnType.Uuid, c => c.Nullable().References("core_remote", "set null"))
            .WithColumn("next_version", ColumnType.BigInteger)
            .WithColumn("user_hidden", ColumnType.Boolean)
            .WithColumn("last_sync", ColumnType.Json, c => c.Nullable())
            .UniqueInDomain("name");
        schema.CreateIndex("core_repository_remote", "core_repository", "remote_id");

        Resource(schema, "core_repositoryversion")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("number", ColumnType.BigInteger)
            .WithColumn("complete", ColumnType.Boolean)
            .WithColumn(
                "base_version_id",
                ColumnType.Uuid,
                c => c.Nullable().References("core_repositoryversion", "set null")
            )
            .WithColumn("task_id", ColumnType.Uuid, c => c.Nullable())
            .Unique("repository_id", "number");
        schema.CreateIndex("core_repositoryversion_base", "core_repositoryversion", "base_version_id");
        schema.CreateIndex(
            "core_repositoryversion_unfinished",
            "core_repositoryversion",
            "task_id",
            where: "task_id is not null"
        );

        // Membership as intervals of version numbers: a unit is in version n when version_added <= n < version_removed.
        schema
            .CreateTable("core_repositorycontent")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content"))
            .WithColumn("version_added", ColumnType.BigInteger)
            .WithColumn("version_removed", ColumnType.BigInteger, c => c.Nullable())
            .PrimaryKey("repository_id", "content_id", "version_added");
        schema.CreateIndex("core_repositorycontent_content", "core_repositorycontent", "content_id, repository_id");
        schema.CreateIndex("core_repositorycontent_added", "core_repositorycontent", "repository_id, version_added");
        schema.CreateIndex(
            "core_repositorycontent_removed",
            "core_repositorycontent",
            "repository_id, version_removed",
            where: "version_removed is not null"
        );

        // What a mirroring sync has seen so far; emptied when the version is complete.
        schema
            .CreateTable("core_versionupstream")
            .WithColumn("version_id", ColumnType.Uuid, c => c.References("core_repositoryversion", "cascade"))
            .WithColumn("content_id", ColumnType.Uuid)
            .PrimaryKey("version_id", "content_id");

        schema
            .CreateTable("core_versionsummary")
            .WithColumn("version_id", ColumnType.Uuid, c => c.References("core_repositoryversion", "cascade"))
            .WithColumn("content_type", ColumnType.Text)
            .WithColumn("added", ColumnType.BigInteger)
            .WithColumn("removed", ColumnType.BigInteger)
            .WithColumn("present", ColumnType.BigInteger)
            .PrimaryKey("version_id", "content_type");
    }

    private static void Serving(SchemaBuilder schema)
    {
        Master(schema, "core_publication")
            .WithColumn(
                "repository_version_id",
                ColumnType.Uuid,
                c => c.References("core_repositoryversion", "cascade")
            )
            .WithColumn("complete", ColumnType.Boolean)
            .WithColumn("pass_through", ColumnType.Boolean)
            .WithColumn("checkpoint", ColumnType.Boolean)
            .WithColumn("task_id", ColumnType.Uuid, c => c.Nullable());
        schema.CreateIndex("core_publication_version", "core_publication", "repository_version_id");
        schema
            .CreateTable("core_publishedartifact")
            .WithColumn("publication_id", ColumnType.Uuid, c => c.References("core_publication", "cascade"))
            .WithColumn("relative_path", ColumnType.Text)
            .WithColumn("content_artifact_id", ColumnType.Uuid, c => c.References("core_contentartifact", "cascade"))
            .PrimaryKey("publication_id", "relative_path");
        schema.CreateIndex("core_publishedartifact_file", "core_publishedartifact", "content_artifact_id");
        schema
            .CreateTable("core_publishedmetadata")
            .WithColumn("publication_id", ColumnType.Uuid, c => c.References("core_publication", "cascade"))
            .WithColumn("relative_path", ColumnType.Text)
            .WithColumn("artifact_id", ColumnType.Uuid, c => c.References("core_artifact"))
            .PrimaryKey("publication_id", "relative_path");
        schema.CreateIndex("core_publishedmetadata_artifact", "core_publishedmetadata", "artifact_id");

        Master(schema, "core_contentguard")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("description", ColumnType.Text, c => c.Nullable())
            .UniqueInDomain("name");

        Master(schema, "core_distribution")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("base_path", ColumnType.Text)
            .WithColumn("content_guard_id", ColumnType.Uuid, c => c.Nullable().References("core_contentguard"))
            .WithColumn("hidden", ColumnType.Boolean)
            .WithColumn("pulp_labels", ColumnType.Json)
            .WithColumn("repository_id", ColumnType.Uuid, c => c.Nullable().References("core_repository", "set null"))
            .WithColumn(
                "repository_version_id",
                ColumnType.Uuid,
                c => c.Nullable().References("core_repositoryversion", "set null")
            )
            .WithColumn("publication_id", ColumnType.Uuid, c => c.Nullable().References("core_publication", "set null"))
            .WithColumn("checkpoint", ColumnType.Boolean, c => c.Default("false"))
            .UniqueInDomain("name")
            .UniqueInDomain("base_path");
        schema.CreateIndex("core_distribution_repository", "core_distribution", "repository_id");
        schema.CreateIndex("core_distribution_version", "core_distribution", "repository_version_id");
        schema.CreateIndex("core_distribution_publication", "core_distribution", "publication_id");

        Master(schema, "core_alternatecontentsource")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("last_refreshed", ColumnType.Timestamp, c => c.Nullable())
            .WithColumn("remote_id", ColumnType.Uuid, c => c.References("core_remote"))
            .UniqueInDomain("name");
        schema.CreateIndex("core_alternatecontentsource_remote", "core_alternatecontentsource", "remote_id");
        schema
            .CreateTable("core_alternatecontentsourcepath")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("source_id", ColumnType.Uuid, c => c.References("core_alternatecontentsource", "cascade"))
            .WithColumn("path", ColumnType.Text)
            .WithColumn("repository_id", ColumnType.Uuid, c => c.Nullable().References("core_repository", "set null"))
            .Unique("source_id", "path");
        schema.CreateIndex(
            "core_alternatecontentsourcepath_repository",
            "core_alternatecontentsourcepath",
            "repository_id"
        );

        // Counts up with every change to what is served, so that a process that missed a notification notices.
        schema
            .CreateTable("core_stamp")
            .WithColumn("name", ColumnType.Text, c => c.PrimaryKey())
            .WithColumn("value", ColumnType.BigInteger);
        schema.Execute($"insert into core_stamp (name, value) values ('serving', 1), ('removals', 1)");
    }

    private static void Uploads(SchemaBuilder schema)
    {
        Resource(schema, "core_upload").InDomain().WithColumn("size", ColumnType.BigInteger);
        schema
            .CreateTable("core_uploadchunk")
            .WithColumn("upload_id", ColumnType.Uuid, c => c.References("core_upload", "cascade"))
            .WithColumn("start", ColumnType.BigInteger)
            .WithColumn("size", ColumnType.BigInteger)
            .WithColumn("file", ColumnType.Text)
            .PrimaryKey("upload_id", "start");

        // Uploads of plugins' own protocols, which come in order.
        schema
            .CreateTable("core_stagedupload")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .InDomain()
            .WithColumn("owner", ColumnType.Text)
            .WithColumn("size", ColumnType.BigInteger)
            .WithColumn("seconds_held", ColumnType.BigInteger)
            .WithColumn("expires_at", ColumnType.Timestamp);
        schema.CreateIndex("core_stagedupload_expires_at", "core_stagedupload", "expires_at");
    }

    private static void Users(SchemaBuilder schema)
    {
        schema
            .CreateTable("core_user")
            .WithColumn("id", ColumnType.BigInteger, c => c.Identity())
            .WithColumn("username", ColumnType.Text)
            .WithColumn("password", ColumnType.Text)
            .WithColumn("first_name", ColumnType.Text)
            .WithColumn("last_name", ColumnType.Text)
            .WithColumn("email", ColumnType.Text)
            .WithColumn("is_staff", ColumnType.Boolean)
            .WithColumn("is_active", ColumnType.Boolean)
            .WithColumn("is_superuser", ColumnType.Boolean)
            .WithColumn("date_joined", ColumnType.Timestamp)
            .WithColumn("last_login", ColumnType.Timestamp, c => c.Nullable())
            .Unique("username");
        schema
            .CreateTable("core_session")
            .WithColumn("token_hash", ColumnType.Text, c => c.PrimaryKey())
            .WithColumn("user_id", ColumnType.BigInteger)
            .WithColumn("expires_at", ColumnType.Timestamp);
        schema.CreateIndex("core_session_user", "core_session", "user_id");
    }
}
