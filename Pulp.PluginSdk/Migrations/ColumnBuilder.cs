using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Migrations;

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
