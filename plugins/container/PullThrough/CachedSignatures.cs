using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Registry;
using PulpContainer.Signatures;
using PulpContainer.Upstreams;

namespace PulpContainer.PullThrough;

/// <summary>
/// Brings the simple signatures that upstream has of a cached image when a client asks for them. They are kept with the image, and served
/// while upstream can't be asked.
/// </summary>
internal sealed partial class CachedSignatures(
    IServed served,
    RegistryGate gate,
    CachedUpstreams upstreams,
    IContents contents,
    IRepositoryVersions versions,
    PullMemory memory,
    Turns turns,
    ILogger<CachedSignatures> logger
)
{
    /// <summary>The repository, once it has the signatures of a manifest that upstream has.</summary>
    public async Task<ServedPath<ContainerDistribution>> RefreshAsync(
        HttpContext context,
        ServedPath<ContainerDistribution> found,
        string reference
    )
    {
        var (distribution, aborted) = (found.Distribution, context.RequestAborted);
        var what = "signatures of " + reference;
        if (
            distribution is not { PullThrough: not null, Repository: { } repository }
            || !Digest.TryParse(reference, out var digest)
            || memory.IsFresh(distribution.PulpId, what)
            || await gate.CacheOfAsync(context, found.Served, mustBring: false) is not { } cache
        )
        {
            return found;
        }

        using var turn = await turns.TakeAsync($"{found.Served.Path} {what}", aborted);
        try
        {
            if (
                !memory.IsFresh(distribution.PulpId, what)
                && await upstreams.FindAsync(cache, distribution.BasePath, aborted) is { } upstream
            )
            {
                // Of a manifest that comes only now, clients ask again at once.
                if (await BringAsync(upstream, repository, digest, aborted))
                {
                    memory.Checked(distribution.PulpId, what);
                }
            }
        }
        catch (Exception error) when (CachedImages.IsOfUpstream(error) || error is RepositoryBusyException)
        {
            // Those who come next don't wait for the same again.
            memory.Checked(distribution.PulpId, what);
            LogWithout(distribution.BasePath, reference, error.Message);
        }

        return await served.FindAsync<ContainerDistribution>(found.Served.Path, aborted) ?? found;
    }

    /// <summary>False where the manifest isn't here, so that upstream wasn't asked.</summary>
    private async Task<bool> BringAsync(
        CachedUpstream upstream,
        Guid repository,
        Digest digest,
        CancellationToken cancellationToken
    )
    {
        if (
            await versions.LatestAsync(repository, cancellationToken) is not { } latest
            || await versions
                .ContentAsync<Manifest>(latest, $"d.digest = {digest.ToString()}", cancellationToken)
                .FirstOrDefaultAsync(cancellationToken)
                is not { } manifest
        )
        {
            // Whoever verifies an image has its manifest first.
            return false;
        }

        var signatures = await upstreams.AskAsync(
            upstream,
            isHere: true,
            (_, token) => OfUpstreamAsync(upstream, digest, token),
            cancellationToken
        );
        var here = await versions
            .ContentAsync<ManifestSignature>(latest, $"d.signed_manifest_id = {manifest.PulpId}", cancellationToken)
            .Select(signature => signature.Digest)
            .ToListAsync(cancellationToken);
        // Nothing is taken away again, so that an upstream which always has others mustn't add to them for ever.
        var units = signatures
            .Select(bytes => Read(upstream, bytes, digest, manifest.PulpId))
            .OfType<ManifestSignature>()
            .ExceptBy(here, signature => signature.Digest, StringComparer.Ordinal)
            .Take(Math.Max(0, UpstreamSignatures.Most - here.Count))
            .Select(signature => new DeclaredContent(signature))
            .ToList();
        if (units.Count > 0)
        {
            var saved = await contents.SaveAsync(units, from: null, cancellationToken);
            await versions.ChangeAsync(repository, (draft, token) => draft.AddAsync(saved, token), cancellationToken);
        }

        return true;
    }

    private static async Task<IReadOnlyList<byte[]>> OfUpstreamAsync(
        CachedUpstream upstream,
        Digest digest,
        CancellationToken cancellationToken
    )
    {
        // What the registry answers about the manifest says whether it has signatures.
        await upstream.Repository.FindAsync(digest.ToString(), cancellationToken);
        return await upstream.Signatures.OfAsync(digest, cancellationToken);
    }

    /// <summary>Null where it isn't a signature of that manifest.</summary>
    private ManifestSignature? Read(CachedUpstream upstream, byte[] signature, Digest digest, Guid manifest)
    {
        try
        {
            return SimpleSignature.Read(signature, digest, manifest);
        }
        catch (FormatException error)
        {
            LogRefused(upstream.Repository.Shown, digest.ToString(), error.Message);
            return null;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The signatures of {Name}@{Digest} are those that are here: its upstream can't be asked: {Reason}"
    )]
    private partial void LogWithout(string name, string digest, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A signature of {Upstream}@{Digest} is left out: {Reason}")]
    private partial void LogRefused(string upstream, string digest, string reason);
}
