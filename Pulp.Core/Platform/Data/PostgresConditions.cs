using System.Data.Common;
using Npgsql;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Sends a <see cref="WriteCondition"/> in one round trip with the first statement that it is for: it divides by zero where it
/// doesn't hold, and the server then skips the statements behind it.
/// </summary>
internal static class PostgresConditions
{
    /// <summary>A batch that begins with the condition, where there is one.</summary>
    public static NpgsqlBatch BatchOf(ConnectionLease lease, Dialect dialect, WriteCondition? condition)
    {
        var batch = ((NpgsqlConnection)lease.Connection).CreateBatch();
        batch.Transaction = (NpgsqlTransaction?)lease.Transaction;
        if (condition is not null)
        {
            Add(batch, dialect.Render($"select 1 / count(*) from ({condition.Holds}) held"));
        }

        return batch;
    }

    public static void Add(NpgsqlBatch batch, RenderedSql sql)
    {
        var command = new NpgsqlBatchCommand(sql.Text);
        sql.AddTo(command.Parameters, static () => new NpgsqlParameter());
        batch.BatchCommands.Add(command);
    }

    /// <summary>Reads what the statements behind the condition answer.</summary>
    public static async Task<NpgsqlDataReader> ReadAsync(
        NpgsqlBatch batch,
        WriteCondition? condition,
        CancellationToken cancellationToken
    )
    {
        var reader = await RunAsync(() => batch.ExecuteReaderAsync(cancellationToken), batch, condition);
        try
        {
            if (condition is not null)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers how many rows the statements behind the condition changed.</summary>
    public static Task<int> ExecuteAsync(
        NpgsqlBatch batch,
        WriteCondition? condition,
        CancellationToken cancellationToken
    ) => RunAsync(() => batch.ExecuteNonQueryAsync(cancellationToken), batch, condition);

    /// <summary>Checks a condition alone, before what can't be part of a batch.</summary>
    public static async Task CheckAsync(ConnectionLease lease, Dialect dialect, CancellationToken cancellationToken)
    {
        if (lease.TakeCondition() is { } condition)
        {
            await using var batch = BatchOf(lease, dialect, condition);
            await ExecuteAsync(batch, condition, cancellationToken);
        }
    }

    private static async Task<T> RunAsync<T>(Func<Task<T>> run, NpgsqlBatch batch, WriteCondition? condition)
    {
        try
        {
            return await run();
        }
        catch (PostgresException error)
            when (condition is not null
                && error.SqlState == PostgresErrorCodes.DivisionByZero
                && ReferenceEquals(error.BatchCommand, batch.BatchCommands[0])
            )
        {
            throw condition.Broken();
        }
    }
}
