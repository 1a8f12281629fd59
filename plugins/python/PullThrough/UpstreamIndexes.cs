using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Remotes;

namespace PulpPython.PullThrough;

/// <summary>A remote, and the index behind it.</summary>
/// <param name="Remote">The remote as it is now.</param>
/// <param name="Index">Its index.</param>
internal sealed record Upstream(PythonRemote Remote, UpstreamIndex Index);

/// <summary>The indexes that this process asks for what it hasn't, by remote.</summary>
internal sealed class UpstreamIndexes(
    IServiceScopeFactory scopes,
    IUpstreams upstreams,
    UpstreamPages pages,
    TimeProvider clock
)
{
    /// <summary>Few have more; those of remotes that are gone or changed go with the others.</summary>
    private const int MostIndexes = 200;

    private readonly ConcurrentDictionary<(Guid Remote, DateTimeOffset Changed), UpstreamIndex> _indexes = [];

    /// <summary>A remote as it is now; null when that isn't there any more, or is of another kind.</summary>
    public async Task<PythonRemote?> RemoteAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        // Whoever reads the index gets what its remote has: the distribution says so.
        var resources = scope.ServiceProvider.GetRequiredService<IResources>();
        return await resources.FindAsync<PythonRemote>(id, cancellationToken);
    }

    /// <summary>The index of a remote.</summary>
    public Upstream Of(PythonRemote remote)
    {
        if (_indexes.Count > MostIndexes)
        {
            _indexes.Clear();
        }

        return new Upstream(
            remote,
            _indexes.GetOrAdd(
                (remote.PulpId, remote.PulpLastUpdated),
                _ => new UpstreamIndex(remote, upstreams, pages, clock)
            )
        );
    }
}
