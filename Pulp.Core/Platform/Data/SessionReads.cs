using System.Data.Common;

namespace Pulp.Core.Platform.Data;

/// <summary>Ways to read what statements answer, beside those of <see cref="PluginSdk.Data.IDb"/>.</summary>
internal static class SessionReads
{
    /// <summary>The rows of two selects, in one round trip.</summary>
    public static async Task<(IReadOnlyList<T1> First, IReadOnlyList<T2> Second)> QueryAsync<T1, T2>(
        this SqlSession session,
        SqlText first,
        SqlText second,
        CancellationToken cancellationToken
    )
    {
        var (firsts, seconds) = (new List<T1>(), new List<T2>());
        await session.RunAsync(
            write: false,
            async lease =>
            {
                await session.Dialect.ReadAllAsync(
                    lease,
                    [first, second],
                    (number, reader) =>
                        number == 0
                            ? RowParsing.ReadAsync(reader, firsts, cancellationToken)
                            : RowParsing.ReadAsync(reader, seconds, cancellationToken),
                    cancellationToken
                );
                return true;
            },
            cancellationToken
        );
        return (firsts, seconds);
    }

    /// <summary>Runs a reader over the rows, without mapping: the way lists are written to the wire.</summary>
    public static async Task ReadRowsAsync(
        this SqlSession session,
        SqlText sql,
        Func<DbDataReader, CancellationToken, Task> read,
        CancellationToken cancellationToken
    )
    {
        var rendered = session.Dialect.Render(sql);
        await session.RunAsync(
            write: false,
            async lease =>
            {
                await using var reader = await session.Dialect.ReadAsync(lease, rendered, cancellationToken);
                await read(reader, cancellationToken);
                return true;
            },
            cancellationToken
        );
    }
}
