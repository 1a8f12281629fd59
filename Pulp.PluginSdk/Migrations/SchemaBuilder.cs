using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Migrations;

/// <summary>Collects schema changes, in FluentMigrator's vocabulary.</summary>
public sealed class SchemaBuilder
{
    private readonly List<SqlText> _statements = [];

    internal IReadOnlyList<SqlText> Statements => _statements;

    /// <summary>Creates a table.</summary>
    /// <param name="name">Its name, prefixed with the component's label.</param>
    public TableBuilder CreateTable(string name)
    {
        var table = new TableBuilder(this, name);
        _statements.Add(table.Statement);
        return table;
    }

    /// <summary>
    /// Creates the detail table of a resource kind: <c>pulp_id</c> is its key and points to the master row, and goes with it. Details
    /// of content hold the domain too, because lists of content are read along them.
    /// </summary>
    /// <param name="name">Its name, <c>label_recordname</c>.</param>
    /// <param name="master">The master table.</param>
    public TableBuilder CreateDetailTable(string name, string master)
    {
        var table = CreateTable(name)
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey().References(master, onDelete: "cascade"));
        return master == "core_content" ? table.InDomain() : table;
    }

    /// <summary>Creates the table of a kind of resource that belongs to none of the families: id, domain and moments.</summary>
    /// <param name="name">Its name, <c>label_recordname</c>.</param>
    public TableBuilder CreateResourceTable(string name) =>
        CreateTable(name)
            .WithColumn("pulp_id", ColumnType.Uuid, c => c.PrimaryKey())
            .WithColumn("pulp_created", ColumnType.Timestamp)
            .WithColumn("pulp_last_updated", ColumnType.Timestamp)
            .InDomain();

    /// <summary>
    /// Creates the table of a reference from units to many others: <c>content_id</c> refers to <c>referred_id</c>. Its rows go with
    /// the unit that refers; the others are kept from going as long as there is one.
    /// </summary>
    /// <param name="name">Its name, prefixed with the component's label.</param>
    public TableBuilder CreateReferenceTable(string name)
    {
        var table = CreateTable(name)
            .WithColumn("content_id", ColumnType.Uuid, c => c.References("core_content", onDelete: "cascade"))
            .WithColumn("referred_id", ColumnType.Uuid, c => c.References("core_content"))
            .PrimaryKey("content_id", "referred_id");
        CreateIndex($"{name}_referred", name, "referred_id");
        return table;
    }

    /// <summary>Creates an index.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">Columns with optional direction.</param>
    /// <param name="unique">No two rows may agree.</param>
    /// <param name="where">Condition of a partial index.</param>
    public SchemaBuilder CreateIndex(
        string name,
        string table,
        string columns,
        bool unique = false,
        string? where = null
    ) =>
        Execute(
            SqlText.Raw(
                $"create {(unique ? "unique " : "")}index {name} on {table} ({columns}){(where is null ? "" : $" where {where}")}"
            )
        );

    /// <summary>Adds a column to a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">Its type.</param>
    /// <param name="with">Its rules.</param>
    public SchemaBuilder AddColumn(string table, string column, ColumnType type, Action<ColumnBuilder>? with = null)
    {
        var builder = new ColumnBuilder(column, type);
        with?.Invoke(builder);
        var (postgres, sqlite) = builder.Render();
        _statements.Add(
            $"{new SqlAlternative($"alter table {table} add column {postgres}", $"alter table {table} add column {sqlite}")}"
        );
        return this;
    }

    /// <summary>Runs a statement of one's own; use <see cref="Sql.For"/> where the databases differ.</summary>
    /// <param name="sql">The statement.</param>
    public SchemaBuilder Execute(SqlText sql)
    {
        _statements.Add(sql);
        return this;
    }
}
