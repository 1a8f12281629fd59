using System.Collections.Concurrent;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Wakes those who wait for something in the database, in this process and in others. A signal is a hint: who is woken reads
/// the database, and who misses one finds out at the next slow poll.
/// </summary>
internal abstract class Signals : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Action<string>> _handlers = new(StringComparer.Ordinal);
    private int _disposed;

    public void Subscribe(string channel, Action<string> handler) =>
        _handlers.AddOrUpdate(channel, handler, (_, present) => present + handler);

    /// <summary>Tells everybody when the session's work is committed.</summary>
    public async Task NotifyAsync(IDb session, string channel, string payload, CancellationToken cancellationToken)
    {
        await SendAsync(session, channel, payload, cancellationToken);
        ((SqlSession)session).AfterCommit(() => Raise(channel, payload));
    }

    /// <summary>
    /// The statement that tells other processes where the condition holds, for a caller that sends several at once; null where
    /// they find out by themselves. The caller raises the signal here with <see cref="RaiseAfterCommit"/>.
    /// </summary>
    public virtual SqlText? Announcement(string channel, string payload, SqlText condition) => null;

    public void RaiseAfterCommit(IDb session, string channel, string payload = "") =>
        ((SqlSession)session).AfterCommit(() => Raise(channel, payload));

    /// <summary>
    /// Starts listening to other processes, on the channels that the modules declared. Completes when it listens, or has failed to for
    /// the first time and goes on trying.
    /// </summary>
    public abstract Task StartAsync(IReadOnlyCollection<string> channels);

    public ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _disposed, 1) == 0 ? StopAsync() : ValueTask.CompletedTask;

    protected abstract ValueTask StopAsync();

    protected abstract Task SendAsync(IDb session, string channel, string payload, CancellationToken cancellationToken);

    protected void Raise(string channel, string payload)
    {
        if (_handlers.TryGetValue(channel, out var handler))
        {
            handler(payload);
        }
    }

    /// <summary>Something was missed: everybody looks.</summary>
    protected void RaiseAll()
    {
        foreach (var handler in _handlers.Values)
        {
            handler("");
        }
    }
}
