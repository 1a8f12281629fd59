namespace Pulp.Core.Platform.Data;

/// <summary>
/// How many transactions there are at once. Somebody in a transaction may ask for something outside of it, such as a policy that
/// isn't in memory any more. If transactions had all the connections, each of them could wait for one of the others'.
/// </summary>
/// <param name="count">The most at once.</param>
/// <param name="patience">How long one waits for its place.</param>
internal sealed class TransactionPlaces(int count, TimeSpan patience) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);

    /// <summary>Waits for a place; disposing gives it back. Null where none became free in time.</summary>
    public async ValueTask<IDisposable?> TakeAsync(CancellationToken cancellationToken) =>
        await _free.WaitAsync(patience, cancellationToken) ? new Place(_free) : null;

    public void Dispose() => _free.Dispose();

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
