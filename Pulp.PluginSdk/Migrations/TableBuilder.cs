using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Migrations;

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
