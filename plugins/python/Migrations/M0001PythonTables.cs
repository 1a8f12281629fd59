using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace PulpPython.Migrations;

/// <summary>The detail tables, the block lists and what is uploaded and not yet in a version.</summary>
internal sealed class M0001PythonTables() : Migration(1, "python_tables")
{
    private static readonly string[] Texts =
    [
        "author",
        "author_email",
        "description",
        "home_page",
        "keywords",
        "license",
        "metadata_version",
        "name",
        "platform",
        "summary",
        "version",
        "classifiers",
        "download_url",
        "supported_platform",
        "maintainer",
        "maintainer_email",
        "obsoletes_dist",
        "project_url",
        "project_urls",
        "provides_dist",
        "requires_external",
        "requires_dist",
        "requires_python",
        "description_content_type",
        "provides_extras",
        "dynamic",
        "license_expression",
        "license_file",
        "filename",
        "packagetype",
        "python_version",
        "sha256",
        "name_normalized",
        "version_key",
    ];

    public override void Up(SchemaBuilder schema)
    {
        AddContent(schema);
        schema
            .CreateDetailTable("python_pythonremote", "core_remote")
            .WithColumn("includes", ColumnType.Json)
            .WithColumn("excludes", ColumnType.Json)
            .WithColumn("prereleases", ColumnType.Boolean)
            .WithColumn("package_types", ColumnType.Json)
            .WithColumn("keep_latest_packages", ColumnType.BigInteger)
            .WithColumn("exclude_platforms", ColumnType.Json)
            .WithColumn("provenance", ColumnType.Boolean);
        schema
            .CreateDetailTable("python_pythonrepository", "core_repository")
            .WithColumn("autopublish", ColumnType.Boolean)
            .WithColumn("allow_package_substitution", ColumnType.Boolean);
        schema.CreateDetailTable("python_pythonpublication", "core_publication");
        schema
            .CreateDetailTable("python_pythondistribution", "core_distribution")
            .WithColumn("allow_uploads", ColumnType.Boolean)
            .WithColumn("remote_id", ColumnType.Uuid, c => c.Nullable().References("core_remote", "set null"));
        schema
            .CreateResourceTable("python_pythonblocklistentry")
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("name", ColumnType.Text)
            .WithColumn("version", ColumnType.Text)
            .WithColumn("filename", ColumnType.Text);
        schema.CreateIndex(
            "python_blocklistentry_key",
            "python_pythonblocklistentry",
            "repository_id, name, version, filename, pulp_domain_id",
            unique: true
        );
        AddUploads(schema);
    }

    private static void AddContent(SchemaBuilder schema)
    {
        const string Packages = "python_pythonpackagecontent";
        var packages = Texts.Aggregate(
            schema.CreateDetailTable(Packages, "core_content"),
            (table, column) => table.WithColumn(column, ColumnType.Text)
        );
        packages
            .WithColumn("size", ColumnType.BigInteger)
            .WithColumn("metadata_sha256", ColumnType.Text, c => c.Nullable())
            .WithColumn("upload_time", ColumnType.Timestamp, c => c.Nullable())
            .UniqueInDomain("sha256");
        schema.CreateIndex("python_packagecontent_project", Packages, "name_normalized, version_key");
        schema.CreateIndex("python_packagecontent_filename", Packages, "filename");
        schema
            .CreateDetailTable("python_packageprovenance", "core_content")
            .WithColumn("package_id", ColumnType.Uuid, c => c.References("core_content"))
            .WithColumn("provenance", ColumnType.Json)
            .WithColumn("sha256", ColumnType.Text)
            .UniqueInDomain("sha256");
        schema.CreateIndex("python_packageprovenance_package", "python_packageprovenance", "package_id");
        schema
            .CreateDetailTable("python_packageyank", "core_content")
            .WithColumn("name", ColumnType.Text)
            .WithColumn("version", ColumnType.Text)
            .WithColumn("reason", ColumnType.Text)
            .WithColumn("name_normalized", ColumnType.Text)
            .WithColumn("version_key", ColumnType.Text)
            .UniqueInDomain("name_normalized", "version_key", "reason");
    }

    /// <summary>Files that a client uploaded to an index, until a task makes a version of those that came together.</summary>
    private static void AddUploads(SchemaBuilder schema)
    {
        schema
            .CreateTable("python_uploadgroup")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("repository_id", ColumnType.Uuid, c => c.References("core_repository", "cascade"))
            .WithColumn("release", ColumnType.Text)
            .WithColumn("task_id", ColumnType.Uuid, c => c.Nullable())
            .WithColumn("arrivals", ColumnType.BigInteger)
            .WithColumn("last_at", ColumnType.Timestamp);
        schema.CreateIndex(
            "python_uploadgroup_release_key",
            "python_uploadgroup",
            "repository_id, release",
            unique: true
        );
        schema
            .CreateTable("python_uploadedfile")
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("group_id", ColumnType.Uuid, c => c.References("python_uploadgroup", "cascade"))
            .WithColumn("repository_id", ColumnType.Uuid)
            .WithColumn("filename", ColumnType.Text)
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content", "cascade"))
            .WithColumn("provenance_id", ColumnType.Uuid, c => c.Nullable().References("core_content", "cascade"));
        schema.CreateIndex(
            "python_uploadedfile_filename_key",
            "python_uploadedfile",
            "repository_id, filename",
            unique: true
        );
        schema.CreateIndex("python_uploadedfile_group", "python_uploadedfile", "group_id");
        schema.CreateIndex("python_uploadedfile_content", "python_uploadedfile", "content_id");
        schema.CreateIndex("python_uploadedfile_provenance", "python_uploadedfile", "provenance_id");
    }
}
