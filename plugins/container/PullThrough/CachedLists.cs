using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Registry;
using PulpContainer.Upstreams;

namespace PulpContainer.PullThrough;

/// <summary>What upstream lists of the repositories of a cache, for those who may have the cache ask.</summary>
internal sealed partial class CachedLists(
    CachedUpstreams upstreams,
    IRequestDomain domain,
    RegistryGate gate,
    PullMemory memory,
    Turns turns,
    ILogger<CachedLists> logger
)
{
    /// <summary>The tags that upstream has of a repository; none where it isn't asked or doesn't answer.</summary>
    public Task<IReadOnlyList<string>> TagsAsync(HttpContext context, ServedPath<ContainerDistribution> found) =>
        AskAsync(
            context,
            found,
            "tags",
            async (upstream, token) => await upstream.TagsAsync(token) ?? [],
            tag => tag.Length
        );

    /// <summary>What upstream says refers to a manifest; nothing where it isn't asked or doesn't answer.</summary>
    public Task<IReadOnlyList<UpstreamReferrer>> ReferrersAsync(
        HttpContext context,
        ServedPath<ContainerDistribution> found,
        string reference
    ) =>
        Digest.TryParse(reference, out var digest)
            ? AskAsync(
                context,
                found,
                $"referrers of {digest}",
                async (upstream, token) => await upstream.ReferrersAsync(digest.ToString(), token) ?? [],
                referrer => referrer.Descriptor.Length + referrer.ArtifactType.Length
            )
            : Task.FromResult<IReadOnlyList<UpstreamReferrer>>([]);

    /// <summary>The tags of an image that nobody has pulled yet.</summary>
    /// <exception cref="RegistryError">Upstream hasn't it, or doesn't list it.</exception>
    public async Task<IReadOnlyList<string>> TagsOfNewAsync(
        HttpContext context,
        ContainerPullThroughDistribution cache,
        string name
    )
    {
        var aborted = context.RequestAborted;
        await gate.AdmitToPullNewAsync(context, name, cache);
        var path = domain.BasePathOf(name);
        if (
            !ImageName.IsName(name)
            || path.Length <= cache.BasePath.Length
            || await upstreams.FindAsync(cache, path, aborted) is not { } upstream
        )
        {
            throw RegistryError.NameUnknown();
        }

        try
        {
            return await upstreams.AskAsync(
                    upstream,
                    isHere: false,
                    (repository, token) => repository.TagsAsync(token),
                    aborted
                ) ?? throw RegistryError.NameUnknown();
        }
        catch (UpstreamException error) when (error.UpstreamStatus is 401 or 403 or 404)
        {
            // Registries tell nobody which names there are that he may not pull.
            throw RegistryError.NameUnknown();
        }
    }

    private async Task<IReadOnlyList<T>> AskAsync<T>(
        HttpContext context,
        ServedPath<ContainerDistribution> found,
        string what,
        Func<UpstreamRepository, CancellationToken, Task<IReadOnlyList<T>>> ask,
        Func<T, int> length
    )
    {
        var (id, aborted) = (found.Distribution.PulpId, context.RequestAborted);
        if (await gate.CacheOfAsync(context, found.Served, mustBring: false) is not { } cache)
        {
            return [];
        }

        using var turn = await turns.TakeAsync($"{found.Served.Path} {what}", aborted);
        if (memory.ListOf<T>(id, what) is { } known)
        {
            return known;
        }

        try
        {
            if (await upstreams.FindAsync(cache, found.Distribution.BasePath, aborted) is not { } upstream)
            {
                return [];
            }

            var listed = await upstreams.AskAsync(upstream, isHere: true, ask, aborted);
            memory.Listed(id, what, listed, length);
            return listed;
        }
        catch (UpstreamException error)
        {
            LogWithout(found.Distribution.BasePath, what, error.Message);
            return [];
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The {What} of {Name} are listed as they are here: its upstream can't be asked: {Reason}"
    )]
    private partial void LogWithout(string name, string what, string reason);
}
