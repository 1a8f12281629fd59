using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>The database as plugins get it: their own tables, and what is published of the server's.</summary>
internal sealed class PluginDb(IDb session) : IDb
{
    /// <summary>What a plugin hands back, for a statement of the server's own.</summary>
    public static IDb Unchecked(IDb given) => given is PluginDb own ? own.Session : given;

    private IDb Session => session;

    public bool IsPostgres => session.IsPostgres;

    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        session.QueryAsync<T>(PluginStatement.Check(sql), cancellationToken);

    public Task<T?> FirstOrDefaultAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        session.FirstOrDefaultAsync<T>(PluginStatement.Check(sql), cancellationToken);

    public IAsyncEnumerable<T> StreamAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        session.StreamAsync<T>(PluginStatement.Check(sql), cancellationToken);

    public Task<int> ExecuteAsync(SqlText sql, CancellationToken cancellationToken) =>
        session.ExecuteAsync(PluginStatement.Check(sql), cancellationToken);

    public Task<IReadOnlyList<T>> ReturningAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        session.ReturningAsync<T>(PluginStatement.Check(sql), cancellationToken);

    public Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken) =>
        session.InTransactionAsync(tx => work(new PluginDb(tx)), cancellationToken);

    public Task<int> InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    ) => session.InsertManyAsync(PluginStatement.CheckWritten(table), columns, rows, cancellationToken);
}
