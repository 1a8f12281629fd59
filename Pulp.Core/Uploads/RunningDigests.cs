using System.Collections.Concurrent;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Uploads;

/// <summary>
/// The digests of uploads whose last piece came to this process. They can't be stored: who has none reads what has come once more.
/// </summary>
internal sealed class RunningDigests(PulpSettings settings, TimeProvider clock)
{
    private const int Most = 1_000;
    private readonly ConcurrentDictionary<Guid, Running> _running = [];

    /// <summary>The digests of so many bytes, for one caller; null when they aren't known here.</summary>
    public DigestSet? Take(Guid upload, long size)
    {
        if (_running.TryRemove(upload, out var running))
        {
            if (running.Size == size)
            {
                return running.Digests;
            }

            running.Digests.Dispose();
        }

        return size == 0 ? new DigestSet(settings.AllowedContentChecksums) : null;
    }

    /// <summary>Keeps them for the next piece, as long as the upload is held; null where they aren't known any more.</summary>
    public void Put(Guid upload, long size, DigestSet? digests, DateTimeOffset until)
    {
        // What is here tells of other bytes.
        Forget(upload);
        if (digests is null)
        {
            return;
        }

        if (_running.Count >= Most)
        {
            ForgetExpired();
        }

        if (_running.Count >= Most || !_running.TryAdd(upload, new Running(digests, size, until)))
        {
            digests.Dispose();
        }
    }

    public void Forget(Guid upload) => Take(upload, size: -1);

    private void ForgetExpired()
    {
        var now = clock.GetUtcNow();
        foreach (var (upload, running) in _running)
        {
            if (running.Until < now)
            {
                Forget(upload);
            }
        }
    }

    private sealed record Running(DigestSet Digests, long Size, DateTimeOffset Until);
}
