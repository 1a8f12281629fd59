using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace PulpContainer.Registry;

/// <summary>What this process has come to know lately: what it knew first makes room.</summary>
internal sealed class LatelyKnown<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _known = new();
    private readonly ConcurrentQueue<TKey> _order = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _known.TryGetValue(key, out value);

    public void Add(TKey key, TValue value)
    {
        if (_known.TryAdd(key, value))
        {
            _order.Enqueue(key);
            if (_order.Count > most && _order.TryDequeue(out var oldest))
            {
                _known.TryRemove(oldest, out _);
            }
        }
    }
}
