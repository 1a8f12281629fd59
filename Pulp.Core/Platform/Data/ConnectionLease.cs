using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Pulp.Core.Platform.Data;

/// <summary>A connection on loan; disposing gives it back.</summary>
internal sealed class ConnectionLease(
    DbConnection connection,
    DbTransaction? transaction,
    Func<ConnectionLease, ValueTask>? giveBack
) : IAsyncDisposable
{
    public DbConnection Connection { get; } = connection;

    public DbTransaction? Transaction { get; } = transaction;

    /// <summary>Statements that stay prepared with the connection, where that is worth it.</summary>
    public PreparedStatements? Prepared { get; init; }

    /// <summary>What must hold for what is written, until it has been looked at.</summary>
    public WriteCondition? Condition { private get; set; }

    public bool HasCondition => Condition is not null;

    /// <summary>The condition, for whoever looks at it now.</summary>
    public WriteCondition? TakeCondition()
    {
        var condition = Condition;
        Condition = null;
        return condition;
    }

    /// <summary>A command for the statement: one that is kept, where that is worth it.</summary>
    public DbCommand CommandFor(RenderedSql sql) => Keeps(sql) ? Prepared.For(this, sql) : sql.CommandOn(this);

    /// <summary>True when the statement runs prepared and stays so.</summary>
    [MemberNotNullWhen(true, nameof(Prepared))]
    public bool Keeps(RenderedSql sql) => Prepared is not null && !sql.IsLarge;

    /// <summary>The connection isn't to be used again.</summary>
    public bool IsBroken { get; private set; }

    public void Break() => IsBroken = true;

    public ValueTask DisposeAsync() => giveBack?.Invoke(this) ?? ValueTask.CompletedTask;
}
