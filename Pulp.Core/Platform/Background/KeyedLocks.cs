namespace Pulp.Core.Platform.Background;

/// <summary>A lock for each key, which one or a few can have at once; it is there as long as somebody has it or waits for it.</summary>
/// <param name="places">How many have a key's lock at once.</param>
internal sealed class KeyedLocks<TKey>(int places = 1)
    where TKey : notnull
{
    private readonly Dictionary<TKey, Turns> _locks = [];

    /// <summary>Waits for the key's lock; disposing gives it back.</summary>
    public async Task<IDisposable> TakeAsync(TKey key, CancellationToken cancellationToken)
    {
        Turns turns;
        lock (_locks)
        {
            if (!_locks.TryGetValue(key, out turns!))
            {
                _locks[key] = turns = new Turns(places);
            }

            turns.Users++;
        }

        try
        {
            await turns.Semaphore.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, turns);
            throw;
        }

        return new Taken(this, key, turns);
    }

    private void Leave(TKey key, Turns turns)
    {
        lock (_locks)
        {
            if (--turns.Users == 0)
            {
                _locks.Remove(key);
                turns.Semaphore.Dispose();
            }
        }
    }

    private sealed class Turns(int places)
    {
        public SemaphoreSlim Semaphore { get; } = new(places, places);

        public int Users { get; set; }
    }

    private sealed class Taken(KeyedLocks<TKey> locks, TKey key, Turns turns) : IDisposable
    {
        public void Dispose()
        {
            turns.Semaphore.Release();
            locks.Leave(key, turns);
        }
    }
}
