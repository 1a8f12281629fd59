using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Registry;
using PulpContainer.Repositories;
using PulpContainer.Upstreams;

namespace PulpContainer.PullThrough;

/// <summary>
/// Sees to it that what somebody pulls through a cache is here, as far as its upstream has it: a tag that upstream has moved is moved here,
/// a manifest that isn't here is fetched, by one of those who ask. When upstream can't be asked, what is here is served.
/// </summary>
internal sealed partial class CachedImages(
    IServed served,
    IRequestDomain domain,
    RegistryGate gate,
    CachedUpstreams upstreams,
    ImageDownloads downloads,
    ImageRepositories repositories,
    ManifestReads manifests,
    PullMemory memory,
    Turns turns,
    ILogger<CachedImages> logger
)
{
    /// <summary>Makes the repository of a name that nobody has pulled yet, when upstream has the image.</summary>
    /// <exception cref="RegistryError">There is no such image.</exception>
    public async Task MakeAsync(
        HttpContext context,
        ContainerPullThroughDistribution cache,
        string name,
        string reference
    )
    {
        if (!ImageName.IsName(name) || name.Length <= cache.BasePath.Length)
        {
            throw RegistryError.NameUnknown();
        }

        var aborted = context.RequestAborted;
        await gate.AdmitToPullNewAsync(context, name, cache);
        // The default domain's names have two forms.
        var path = domain.PathOf(domain.BasePathOf(name));
        using var turn = await turns.TakeAsync(path, aborted);
        // Whoever sees the repository as soon as it is there waits for its first image.
        using var image = await turns.TakeAsync($"{path} {reference}", aborted);
        if (await FindAsync(name, aborted) is null)
        {
            var upstream =
                await upstreams.FindAsync(cache, domain.BasePathOf(name), aborted) ?? throw RegistryError.NameUnknown();
            var wanted =
                await AskedAsync(upstream, reference, isHere: false, aborted) ?? throw RegistryError.ManifestUnknown();
            var (_, repository, _) = await repositories.MakeAsync(New(cache, domain.BasePathOf(name)), aborted);
            await BringAsync(upstream, repository, wanted, reference, aborted);
            if (await FindAsync(name, aborted) is { } made)
            {
                memory.Checked(made.Distribution.PulpId, reference);
            }
        }
    }

    /// <summary>Brings the manifest up to date that is asked for.</summary>
    /// <param name="context">The request, which may pull what is here.</param>
    /// <param name="found">The repository, which belongs to a cache.</param>
    /// <param name="reference">The tag or digest.</param>
    public async Task<ServedPath<ContainerDistribution>> RefreshAsync(
        HttpContext context,
        ServedPath<ContainerDistribution> found,
        string reference
    )
    {
        var aborted = context.RequestAborted;
        var distribution = found.Distribution;
        if (
            distribution.Repository is not { } repository
            || (!Digest.TryParse(reference, out _) && !ImageName.IsTag(reference))
            || await IsCurrentAsync(found, reference, aborted)
            || await gate.CacheOfAsync(context, found.Served, mustBring: !await IsHereAsync(found, reference, aborted))
                is not { } cache
        )
        {
            return found;
        }

        using var turn = await turns.TakeAsync($"{found.Served.Path} {reference}", aborted);
        found = await FindAsync(found.Served.Path, aborted) ?? throw RegistryError.NameUnknown();
        if (await IsCurrentAsync(found, reference, aborted))
        {
            return found;
        }

        var here = await manifests.DigestOfAsync(found.Served, reference, aborted);
        try
        {
            if (await upstreams.FindAsync(cache, distribution.BasePath, aborted) is { } upstream)
            {
                var wanted = await AskedAsync(upstream, reference, here is not null, aborted);
                if (wanted is not null && wanted.Digest.ToString() != here)
                {
                    await BringAsync(upstream, repository, wanted, reference, aborted);
                    found = await FindAsync(found.Served.Path, aborted) ?? throw RegistryError.NameUnknown();
                }
            }

            memory.Checked(distribution.PulpId, reference);
        }
        catch (Exception error) when (here is not null && IsOfUpstream(error))
        {
            LogWithout(distribution.BasePath, reference, error.Message);
        }

        return found;
    }

    private async Task<UpstreamManifest?> AskedAsync(
        CachedUpstream upstream,
        string reference,
        bool isHere,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await upstreams.AskAsync(
                upstream,
                isHere,
                (repository, token) => repository.FindAsync(reference, token),
                cancellationToken
            );
        }
        catch (UpstreamException error) when (error.UpstreamStatus is 401 or 403 or 404)
        {
            // Registries tell nobody which names there are that he may not pull.
            LogRefused(upstream.Repository.Shown, reference, error.Message);
            return null;
        }
    }

    private Task<bool> BringAsync(
        CachedUpstream upstream,
        Guid repository,
        UpstreamManifest wanted,
        string reference,
        CancellationToken cancellationToken
    )
    {
        var tag = Digest.TryParse(reference, out _) ? null : reference;
        return upstreams.AskAsync(
            upstream,
            isHere: false,
            (_, token) => downloads.BringAsync(upstream, repository, wanted, tag, token),
            cancellationToken
        );
    }

    /// <summary>Digests say what they are of for ever; tags may have been moved since somebody asked last.</summary>
    private async ValueTask<bool> IsCurrentAsync(
        ServedPath<ContainerDistribution> found,
        string reference,
        CancellationToken cancellationToken
    ) =>
        (Digest.TryParse(reference, out _) || memory.IsFresh(found.Distribution.PulpId, reference))
        && await IsHereAsync(found, reference, cancellationToken);

    private async ValueTask<bool> IsHereAsync(
        ServedPath<ContainerDistribution> found,
        string reference,
        CancellationToken cancellationToken
    ) => await manifests.DigestOfAsync(found.Served, reference, cancellationToken) is not null;

    private async ValueTask<ServedPath<ContainerDistribution>?> FindAsync(
        string name,
        CancellationToken cancellationToken
    ) =>
        await served.FindAsync<ContainerDistribution>(name, cancellationToken) is { Rest.Length: 0 } found
            ? found
            : null;

    private static ContainerDistribution New(ContainerPullThroughDistribution cache, string name) =>
        new()
        {
            Name = name,
            BasePath = name,
            Private = cache.Private,
            ContentGuard = cache.ContentGuard,
        };

    /// <summary>Whether what is here is served because of it.</summary>
    public static bool IsOfUpstream(Exception error) =>
        error is UpstreamException or DigestException or FileTooLargeException;

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Name}:{Reference} is served as it is here: its upstream can't be asked: {Reason}"
    )]
    private partial void LogWithout(string name, string reference, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Upstream}:{Reference} isn't given: {Reason}")]
    private partial void LogRefused(string upstream, string reference, string reason);
}
