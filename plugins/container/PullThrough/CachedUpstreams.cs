using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Upstreams;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Remotes;
using PulpContainer.Upstreams;

namespace PulpContainer.PullThrough;

/// <summary>A repository of the registry that a cache is of.</summary>
/// <param name="Remote">The cache's remote as it is now.</param>
/// <param name="Repository">The repository upstream.</param>
/// <param name="Signatures">Its simple signatures.</param>
internal sealed record CachedUpstream(
    ContainerPullThroughRemote Remote,
    UpstreamRepository Repository,
    UpstreamSignatures Signatures
);

/// <summary>Finds and asks the upstreams of caches, while a client waits.</summary>
internal sealed class CachedUpstreams(IResources resources, IUpstreams upstreams, PullMemory memory, TimeProvider clock)
{
    /// <summary>Who has something here already is answered soon.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The upstream of a name below a cache; null where the remote's patterns leave it out, the remote is gone, or the name isn't below the
    /// cache any more, because one of them was renamed.
    /// </summary>
    public async Task<CachedUpstream?> FindAsync(
        ContainerPullThroughDistribution cache,
        string name,
        CancellationToken cancellationToken
    )
    {
        var prefix = cache.BasePath + "/";
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var upstreamName = name[prefix.Length..];
        if (await resources.FindAsync<ContainerPullThroughRemote>(cache.Remote, cancellationToken) is not { } remote)
        {
            return null;
        }

        var wanted = new NamePatterns(NamePatterns.ListOf(remote.Includes), NamePatterns.ListOf(remote.Excludes));
        if (!wanted.Takes(upstreamName))
        {
            return null;
        }

        var upstream = upstreams.For(remote);
        var allowance = new RequestAllowance(longestWait: TimeSpan.Zero, clock);
        var repository = new UpstreamRepository(remote.Url, upstreamName, upstream.FetchAsync, allowance);
        return new CachedUpstream(
            remote,
            repository,
            new UpstreamSignatures(repository, sigstore: null, upstream.FetchAsync)
        );
    }

    /// <summary>Asks an upstream, for as long as a client waits.</summary>
    /// <exception cref="UpstreamException">It can't be asked.</exception>
    public async Task<T> AskAsync<T>(
        CachedUpstream upstream,
        bool isHere,
        Func<UpstreamRepository, CancellationToken, Task<T>> ask,
        CancellationToken cancellationToken
    )
    {
        var id = upstream.Remote.PulpId;
        // Who has nothing here can only win, unless it is too many that ask.
        if (memory.RefusalOf(id) is { } refusal && (isHere || refusal.UpstreamStatus == 429))
        {
            throw refusal;
        }

        var limit = isHere ? ShortPatience : LongPatience;
        using var patience = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var answer = await ask(upstream.Repository, either.Token);
            memory.Answered(id);
            return answer;
        }
        catch (UpstreamException error)
        {
            memory.Refused(id, error);
            throw;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var error = new UpstreamException(
                $"{upstream.Repository.Shown} didn't answer within {limit.TotalSeconds} seconds."
            );
            memory.Refused(id, error);
            throw error;
        }
    }
}
