using System.Data.Common;
using Dapper;

namespace Pulp.Core.Platform.Data;

/// <summary>Makes objects of rows.</summary>
internal static class RowParsing
{
    // Not the library's own for one type: that one can't read a single column.
    public static Func<DbDataReader, T> ParserOf<T>(DbDataReader reader)
    {
        var parse = reader.GetRowParser(typeof(T));
        return row => parse(row) is { } value ? (T)value : default!;
    }

    /// <summary>Adds all rows of a result to a list.</summary>
    public static async Task ReadAsync<T>(DbDataReader reader, List<T> rows, CancellationToken cancellationToken)
    {
        Func<DbDataReader, T>? parse = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            parse ??= ParserOf<T>(reader);
            rows.Add(parse(reader));
        }
    }
}
