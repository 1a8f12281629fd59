using System.Data.Common;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// SQLite takes longer to prepare most statements than to run them: each connection keeps those it used last. One user at a time has
/// a connection and reads what it asks for before it asks again, so a command is never used twice at once.
/// </summary>
internal sealed class PreparedStatements
{
    private const int Most = 64;
    private readonly Dictionary<string, PreparedCommand> _kept = new(StringComparer.Ordinal);
    private long _uses;

    public DbCommand For(ConnectionLease lease, RenderedSql sql)
    {
        if (_kept.TryGetValue(sql.Text, out var kept))
        {
            sql.SetOn(kept.Command);
            kept.Command.Transaction = lease.Transaction;
        }
        else
        {
            if (_kept.Count >= Most)
            {
                var (text, oldest) = _kept.MinBy(k => k.Value.Used);
                oldest.Command.Dispose();
                _kept.Remove(text);
            }

            kept = new PreparedCommand(sql.CommandOn(lease));
            _kept.Add(sql.Text, kept);
        }

        kept.Used = ++_uses;
        return kept.Command;
    }

    public void Clear()
    {
        foreach (var kept in _kept.Values)
        {
            kept.Command.Dispose();
        }

        _kept.Clear();
    }

    private sealed class PreparedCommand(DbCommand command)
    {
        public DbCommand Command { get; } = command;

        public long Used { get; set; }
    }
}
