namespace Pulp.Core.Platform.Memory;

/// <summary>
/// A table of limited size: what was used longest ago makes room. (The framework's MemoryCache with a size limit leaves out the
/// newcomer instead, and tidies up later.)
/// </summary>
internal sealed class RecentlyUsed<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byKey.Count;
            }
        }
    }

    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var node))
            {
                return default;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>Puts an entry in, made from the one that is there.</summary>
    public TValue Put(TKey key, Func<TValue?, TValue> next)
    {
        lock (_lock)
        {
            if (_byKey.Remove(key, out var present))
            {
                _byUse.Remove(present);
            }
            else if (_byKey.Count >= capacity && _byUse.Last is { } oldest)
            {
                _byKey.Remove(oldest.Value.Key);
                _byUse.RemoveLast();
            }

            var value = next(present is null ? default : present.Value.Value);
            _byKey[key] = _byUse.AddFirst((key, value));
            return value;
        }
    }

    public void Put(TKey key, TValue value) => Put(key, _ => value);
}
