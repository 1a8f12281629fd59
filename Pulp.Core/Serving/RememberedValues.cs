using System.Collections.Concurrent;

namespace Pulp.Core.Serving;

/// <summary>Makes values that plugins want remembered for what a distribution serves, each once for all who ask meanwhile.</summary>
internal sealed class RememberedValues(
    ServedDistribution served,
    RememberedAnswers remembered,
    CancellationToken stopping
)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<object?>>> _making = new(StringComparer.Ordinal);

    public ValueTask<T> RememberAsync<T>(
        string key,
        Func<CancellationToken, Task<(T Value, long Bytes)>> make,
        CancellationToken cancellationToken
    )
    {
        key = MemoryKeys.Value(key);
        return remembered.Find(served, key) is RememberedValue known
            ? ValueTask.FromResult((T)known.Value!) // As it was made.
            : new ValueTask<T>(MadeAsync(key, make, cancellationToken));
    }

    private async Task<T> MadeAsync<T>(
        string key,
        Func<CancellationToken, Task<(T Value, long Bytes)>> make,
        CancellationToken cancellationToken
    )
    {
        // Made on a thread of its own: whoever comes meanwhile waits without holding one.
        var making = _making.GetOrAdd(key, k => new Lazy<Task<object?>>(() => Task.Run(() => MakeAsync(k, make))));
        return (T)(await making.Value.WaitAsync(cancellationToken))!; // As it was made.
    }

    private async Task<object?> MakeAsync<T>(string key, Func<CancellationToken, Task<(T Value, long Bytes)>> make)
    {
        try
        {
            // Perhaps it was made between somebody's look and his entry.
            if (remembered.Find(served, key) is RememberedValue known)
            {
                return known.Value;
            }

            var (value, bytes) = await make(stopping);
            remembered.Keep(served, key, new RememberedValue(value, bytes));
            return value;
        }
        finally
        {
            _making.TryRemove(key, out _);
        }
    }
}
