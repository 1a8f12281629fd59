namespace Pulp.PluginSdk.Data;

/// <summary>
/// The database. Every call is its own transaction unless it comes from inside <see cref="InTransactionAsync{T}"/>.
/// Rows map to records by name: <c>pulp_id</c> to <c>PulpId</c>. Statements name the plugin's own tables, and to read the server's
/// published ones (docs/plugins.md, "What is stable"); one that names or writes others is an <see cref="InvalidOperationException"/>.
/// </summary>
public interface IDb
{
    /// <summary>True on PostgreSQL, false on SQLite.</summary>
    bool IsPostgres { get; }

    /// <summary>All rows of a select.</summary>
    /// <typeparam name="T">Row type.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<T>> QueryAsync<T>(SqlText sql, CancellationToken cancellationToken);

    /// <summary>The first row of a select, or null.</summary>
    /// <typeparam name="T">Row type.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<T?> FirstOrDefaultAsync<T>(SqlText sql, CancellationToken cancellationToken);

    /// <summary>The rows of a select one after the other, without holding them all.</summary>
    /// <typeparam name="T">Row type.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<T> StreamAsync<T>(SqlText sql, CancellationToken cancellationToken);

    /// <summary>Runs a statement that writes; answers the number of rows.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<int> ExecuteAsync(SqlText sql, CancellationToken cancellationToken);

    /// <summary>Runs a statement that writes and has a <c>returning</c> clause.</summary>
    /// <typeparam name="T">Row type.</typeparam>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<T>> ReturningAsync<T>(SqlText sql, CancellationToken cancellationToken);

    /// <summary>
    /// Runs work in one transaction: committed when it returns, undone when it throws. Inside it use the
    /// <see cref="IDb"/> it is given, never the outer one.
    /// </summary>
    /// <typeparam name="T">Result.</typeparam>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Stops it before the commit.</param>
    Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// Inserts many rows in the database's own bulk way, skipping those that break a unique rule. Answers how many were inserted.
    /// </summary>
    /// <param name="table">Table, from code, never from a request.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="rows">Values in the columns' order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<int> InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    );
}

/// <summary>A column of a bulk insert.</summary>
/// <param name="name">The column, from code, never from a request.</param>
/// <param name="type">Its type.</param>
public sealed class BulkColumn(string name, ColumnType type)
{
    /// <summary>The column.</summary>
    public string Name { get; } = name;

    /// <summary>Its type.</summary>
    public ColumnType Type { get; } = type;
}

/// <summary>Column types that both databases have.</summary>
public enum ColumnType
{
    /// <summary>Text that sorts by code point.</summary>
    Text,

    /// <summary>32-bit number.</summary>
    Integer,

    /// <summary>64-bit number.</summary>
    BigInteger,

    /// <summary>Floating point.</summary>
    Double,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A moment, microseconds, UTC.</summary>
    Timestamp,

    /// <summary>UUID.</summary>
    Uuid,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>Bytes.</summary>
    Binary,
}

/// <summary>Short forms.</summary>
public static class DbExtensions
{
    /// <summary>Runs work in one transaction without a result.</summary>
    /// <param name="db">The database.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Stops it before the commit.</param>
    public static Task InTransactionAsync(this IDb db, Func<IDb, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.InTransactionAsync(
            async inner =>
            {
                await work(inner);
                return true;
            },
            cancellationToken
        );
    }
}
