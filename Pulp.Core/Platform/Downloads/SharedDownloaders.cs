namespace Pulp.Core.Platform.Downloads;

/// <summary>
/// The downloaders of clients' requests: one for each remote, so that its limits hold over all files, and connections are used
/// again. One whose remote was changed, or that nobody has needed for a while, goes.
/// </summary>
internal sealed class SharedDownloaders(Downloaders downloaders, TimeProvider clock) : IDisposable
{
    /// <summary>A client waits: an upstream that asks for a longer pause than this has failed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Shared> _shared = [];

    /// <summary>The remote's downloader, until the loan is disposed of.</summary>
    /// <exception cref="UpstreamException">The remote's certificates can't be used.</exception>
    public Loan Take(Remote remote)
    {
        lock (_lock)
        {
            DropUnused();
            if (!_shared.TryGetValue(remote.PulpId, out var shared) || shared.Version != remote.PulpLastUpdated)
            {
                var fresh = new Shared(downloaders.For(remote, LongestWait), remote.PulpLastUpdated);
                shared?.Replace();
                _shared[remote.PulpId] = shared = fresh;
            }

            shared.Users++;
            return new Loan(this, shared);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var shared in _shared.Values)
            {
                shared.Downloader.Dispose();
            }

            _shared.Clear();
        }
    }

    private void DropUnused()
    {
        var before = clock.GetUtcNow() - KeptIdle;
        foreach (var (remote, shared) in _shared.Where(s => s.Value.Users == 0 && s.Value.LastUsed < before).ToList())
        {
            _shared.Remove(remote);
            shared.Downloader.Dispose();
        }
    }

    private void GiveBack(Shared shared)
    {
        lock (_lock)
        {
            shared.Users--;
            shared.LastUsed = clock.GetUtcNow();
            if (shared is { Replaced: true, Users: 0 })
            {
                shared.Downloader.Dispose();
            }
        }
    }

    public sealed class Loan(SharedDownloaders owner, Shared shared) : IDisposable
    {
        public Downloader Downloader => shared.Downloader;

        public void Dispose() => owner.GiveBack(shared);
    }

    public sealed class Shared(Downloader downloader, DateTimeOffset version)
    {
        public Downloader Downloader => downloader;

        /// <summary>When the remote was changed last.</summary>
        public DateTimeOffset Version => version;

        public int Users { get; set; }

        public DateTimeOffset LastUsed { get; set; }

        public bool Replaced { get; private set; }

        public void Replace()
        {
            Replaced = true;
            if (Users == 0)
            {
                downloader.Dispose();
            }
        }
    }
}
