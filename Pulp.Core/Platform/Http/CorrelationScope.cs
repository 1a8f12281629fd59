using System.Collections;

namespace Pulp.Core.Platform.Http;

/// <summary>What every log line of a request or of a task carries. An id that nobody gave is made when the first line needs it.</summary>
internal sealed class CorrelationScope(string? given) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private string? _id = given;

    public string Id => _id ?? Interlocked.CompareExchange(ref _id, Guid.NewGuid().ToString("N"), null) ?? _id;

    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] =>
        index == 0 ? new("CorrelationId", Id) : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Id;
}
