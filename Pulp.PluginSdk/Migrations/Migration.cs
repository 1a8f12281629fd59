using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Migrations;

/// <summary>One step of a component's schema, forward only, numbered per component. It runs in one transaction.</summary>
/// <param name="id">Number in the component; steps run in this order.</param>
/// <param name="name">Short name for logs and the history table.</param>
public abstract class Migration(int id, string name)
{
    /// <summary>Number in the component.</summary>
    public int Id { get; } = id;

    /// <summary>Short name.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// The oldest version of the component that may still be running when this is applied; null when every older release
    /// keeps working. While an older process is alive, the step is refused and that process is named.
    /// </summary>
    public virtual Version? BreaksBefore => null;

    /// <summary>Declares the changes.</summary>
    /// <param name="schema">Collects them.</param>
    public abstract void Up(SchemaBuilder schema);
}

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

/// <summary>A table being declared.</summary>
public sealed class TableBuilder
{
    /// <summary>PostgreSQL cuts longer names, silently.</summary>
    private const int LongestName = 63;

    private readonly SchemaBuilder _schema;
    private readonly string _name;
    private readonly List<ColumnBuilder> _columns = [];
    private readonly List<string> _constraints = [];

    internal TableBuilder(SchemaBuilder schema, string name)
    {
        _schema = schema;
        _name = name;
        Statement = $"";
    }

    /// <summary>Filled anew after each change, so that the builder needs no closing call.</summary>
    internal SqlText Statement { get; }

    /// <summary>Adds a column.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="with">Its rules; without, it must not be null.</param>
    public TableBuilder WithColumn(string name, ColumnType type, Action<ColumnBuilder>? with = null)
    {
        var column = new ColumnBuilder(name, type);
        with?.Invoke(column);
        _columns.Add(column);
        return Refresh();
    }

    /// <summary>
    /// Adds <c>pulp_domain_id</c>: each row belongs to one domain, the default one where nothing else is said.
    /// </summary>
    public TableBuilder InDomain() =>
        WithColumn("pulp_domain_id", ColumnType.Uuid, c => c.Default($"'{Models.Domains.Default}'"));

    /// <summary>
    /// No two rows may agree in these columns. It becomes a named index (<c>table_column_column_key</c>), which a later step can
    /// drop on both databases.
    /// </summary>
    /// <param name="columns">Column names.</param>
    /// <exception cref="InvalidOperationException">The index's name is longer than PostgreSQL's 63 characters.</exception>
    public TableBuilder Unique(params string[] columns) => UniqueIndex(columns, columns);

    /// <summary>
    /// No two rows of one domain may agree in these columns; the table has <see cref="InDomain"/>.
    /// </summary>
    /// <param name="columns">Column names.</param>
    /// <exception cref="InvalidOperationException">The index's name is longer than PostgreSQL's 63 characters.</exception>
    public TableBuilder UniqueInDomain(params string[] columns) => UniqueIndex(columns, [.. columns, "pulp_domain_id"]);

    private TableBuilder UniqueIndex(string[] named, string[] columns)
    {
        var name = $"{_name}_{string.Join('_', named)}_key";
        if (name.Length > LongestName)
        {
            throw new InvalidOperationException(
                $"The name '{name}' is longer than {LongestName} characters: use CreateIndex with a shorter one."
            );
        }

        _schema.CreateIndex(name, _name, string.Join(", ", columns), unique: true);
        return this;
    }

    /// <summary>A key of several columns.</summary>
    /// <param name="columns">Column names.</param>
    public TableBuilder PrimaryKey(params string[] columns)
    {
        _constraints.Add($"primary key ({string.Join(", ", columns)})");
        return Refresh();
    }

    private TableBuilder Refresh()
    {
        var rendered = _columns.Select(c => c.Render()).ToList();
        var postgres = string.Join(", ", rendered.Select(r => r.Postgres).Concat(_constraints));
        var sqlite = string.Join(", ", rendered.Select(r => r.Sqlite).Concat(_constraints));
        Statement.Replace(new SqlAlternative($"create table {_name} ({postgres})", $"create table {_name} ({sqlite})"));
        return this;
    }
}

/// <summary>A column being declared.</summary>
public sealed class ColumnBuilder
{
    private readonly string _name;
    private readonly ColumnType _type;
    private bool _nullable;
    private bool _identity;
    private string _rules = "";

    internal ColumnBuilder(string name, ColumnType type)
    {
        _name = name;
        _type = type;
    }

    /// <summary>Null is allowed.</summary>
    public ColumnBuilder Nullable()
    {
        _nullable = true;
        return this;
    }

    /// <summary>The table's key.</summary>
    public ColumnBuilder PrimaryKey()
    {
        _rules += " primary key";
        return this;
    }

    /// <summary>A key that counts up by itself.</summary>
    public ColumnBuilder Identity()
    {
        _identity = true;
        return this;
    }

    /// <summary>The value where none is given.</summary>
    /// <param name="literal">An SQL literal from code.</param>
    public ColumnBuilder Default(string literal)
    {
        _rules += $" default {literal}";
        return this;
    }

    /// <summary>Points to another table's <c>pulp_id</c>.</summary>
    /// <param name="table">That table.</param>
    /// <param name="onDelete"><c>cascade</c>, <c>set null</c> or <c>restrict</c>.</param>
    public ColumnBuilder References(string table, string onDelete = "restrict")
    {
        _rules += $" references {table} (pulp_id) on delete {onDelete}";
        return this;
    }

    internal (string Postgres, string Sqlite) Render()
    {
        if (_identity)
        {
            return (
                $"{_name} bigint generated always as identity primary key",
                $"{_name} integer primary key autoincrement"
            );
        }

        var (postgres, sqlite) = _type switch
        {
            ColumnType.Text => ("text collate \"C\"", "text"),
            ColumnType.Integer => ("integer", "integer"),
            ColumnType.BigInteger => ("bigint", "integer"),
            ColumnType.Double => ("double precision", "real"),
            ColumnType.Boolean => ("boolean", "integer"),
            ColumnType.Timestamp => ("timestamptz", "text"),
            ColumnType.Uuid => ("uuid", "text"),
            ColumnType.Json => ("jsonb", "text"),
            ColumnType.Binary => ("bytea", "blob"),
            _ => throw new InvalidOperationException($"Column type {_type} isn't known."),
        };
        var rest = $"{(_nullable ? "" : " not null")}{_rules}";
        return (
            $"{_name} {postgres}{rest}",
            $"{_name} {sqlite}{rest.Replace(" default true", " default 1").Replace(" default false", " default 0")}"
        );
    }
}
