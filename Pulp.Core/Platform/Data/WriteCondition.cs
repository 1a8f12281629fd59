using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// What must hold whenever some work writes. It is looked at inside every one of its transactions, so that no statement of that
/// work can be forgotten, and stays true until the transaction ends.
/// </summary>
/// <param name="Holds">A select that answers a row where it holds, and on PostgreSQL locks that row.</param>
/// <param name="Broken">What the work is told where it doesn't.</param>
internal sealed record WriteCondition(SqlText Holds, Func<Exception> Broken);
