using System.Diagnostics.CodeAnalysis;

namespace Pulp.Core.Platform.Data;

/// <summary>The statements of a connection that were used last, by their text.</summary>
internal sealed class KeptStatements<T>
    where T : class, IDisposable
{
    private const int Most = 64;
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private long _uses;

    public bool TryGet(string text, [NotNullWhen(true)] out T? statement)
    {
        statement = null;
        if (_kept.TryGetValue(text, out var kept))
        {
            kept.Used = ++_uses;
            statement = kept.Statement;
        }

        return statement is not null;
    }

    public void Add(string text, T statement)
    {
        if (_kept.Count >= Most)
        {
            var (least, oldest) = _kept.MinBy(k => k.Value.Used);
            oldest.Statement.Dispose();
            _kept.Remove(least);
        }

        _kept.Add(text, new Kept(statement) { Used = ++_uses });
    }

    public void Clear()
    {
        foreach (var kept in _kept.Values)
        {
            kept.Statement.Dispose();
        }

        _kept.Clear();
    }

    private sealed class Kept(T statement)
    {
        public T Statement { get; } = statement;

        public long Used { get; set; }
    }
}
