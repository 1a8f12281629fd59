using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pulp.PluginSdk.Data;

/// <summary>Pieces of SQL that differ between the databases.</summary>
public static class Sql
{
    /// <summary>Two literals side by side.</summary>
    /// <param name="postgres">For PostgreSQL.</param>
    /// <param name="sqlite">For SQLite (3.35: no <c>-&gt;&gt;</c>, no STRICT, no FULL JOIN).</param>
    public static SqlAlternative For([ConstantExpected] string postgres, [ConstantExpected] string sqlite) =>
        new(postgres, sqlite);

    internal static SqlName Name(string declared) => new(declared);

    internal static SqlName Names(IEnumerable<string> declared) => new(string.Join(", ", declared));

    /// <summary>A number that is part of the statement, for what a planner has to know.</summary>
    internal static SqlText Literal(long number) => SqlText.Raw(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Pieces with commas between.</summary>
    internal static SqlText List(IEnumerable<SqlText> pieces) => SqlText.Join(", ", pieces);

    /// <summary>A condition that never holds. <see cref="Any"/> leaves it out.</summary>
    internal static SqlText Never { get; } = $"1 = 0";

    /// <summary>Holds where all conditions hold; always where there are none.</summary>
    /// <param name="conditions">The conditions.</param>
    public static SqlText All(IEnumerable<SqlText> conditions)
    {
        var all = Chain(" and ", conditions.Select(Enclosed));
        return all.Parts.Count == 0 ? $"1 = 1" : all;
    }

    /// <summary>Holds where one of the conditions holds; never where there are none.</summary>
    /// <param name="conditions">The conditions.</param>
    public static SqlText Any(IEnumerable<SqlText> conditions)
    {
        var any = Chain(" or ", conditions.Where(c => c != Never).Select(Enclosed));
        return any.Parts.Count == 0 ? Never : $"({any})";
    }

    /// <summary>The rows of all selects; each once where that is said.</summary>
    internal static SqlText Union(IEnumerable<SqlText> selects, bool distinct = false) =>
        SqlText.Join(distinct ? " union " : " union all ", selects);

    internal static SqlText Sum(IEnumerable<SqlText> numbers) => SqlText.Join(" + ", numbers);

    private static SqlText Enclosed(SqlText condition) => $"({condition})";

    /// <summary>Long chains go in groups: SQLite takes conditions of 1000 levels, and a chain has one for each member.</summary>
    private static SqlText Chain(string word, IEnumerable<SqlText> conditions)
    {
        const int Longest = 100;
        SqlText[] links = [.. conditions];
        while (links.Length > Longest)
        {
            links = [.. links.Chunk(Longest).Select(group => Enclosed(SqlText.Join(word, group)))];
        }

        return SqlText.Join(word, links);
    }
}

/// <summary>Two texts of one statement, for where the databases differ; <see cref="Sql.For"/> makes it.</summary>
public sealed record SqlAlternative
{
    internal SqlAlternative(string postgres, string sqlite)
    {
        Postgres = postgres;
        Sqlite = sqlite;
    }

    internal string Postgres { get; }

    internal string Sqlite { get; }
}
