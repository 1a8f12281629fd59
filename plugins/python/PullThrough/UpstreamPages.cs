using Microsoft.Extensions.Caching.Memory;

namespace PulpPython.PullThrough;

/// <summary>What a remote said of a project, and when.</summary>
internal sealed record RememberedPage(UpstreamPage Page, DateTimeOffset CheckedAt);

/// <summary>What remotes said last, of all together no more than a certain number of files.</summary>
internal sealed class UpstreamPages : IDisposable
{
    /// <summary>In files, of which each takes about a kilobyte.</summary>
    private const int MostFiles = 50_000;

    private readonly MemoryCache _pages = new(
        new MemoryCacheOptions { SizeLimit = MostFiles, CompactionPercentage = 0.25 }
    );

    public RememberedPage? Find(UpstreamIndex index, string project) =>
        _pages.TryGetValue(new Key(index, project), out RememberedPage? page) ? page : null;

    /// <summary>Keeps it; where there is no room, what wasn't asked for longest goes.</summary>
    public void Keep(UpstreamIndex index, string project, RememberedPage page) =>
        _pages.Set(new Key(index, project), page, new MemoryCacheEntryOptions { Size = page.Page.Files.Count + 1 });

    public void Dispose() => _pages.Dispose();

    private sealed record Key(UpstreamIndex Index, string Project);
}
