using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Upstreams;

namespace PulpContainer.Sync;

/// <summary>What refers to manifests upstream. A registry that doesn't know the question is asked once.</summary>
internal sealed class UpstreamReferrers(UpstreamRepository upstream)
{
    private volatile bool _areUnknown;

    /// <summary>False once the registry has shown that it doesn't list them.</summary>
    public bool AreKnown => !_areUnknown;

    public async Task<IReadOnlyList<UpstreamReferrer>> OfAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_areUnknown)
        {
            return [];
        }

        var found = await upstream.ReferrersAsync(digest.ToString(), cancellationToken);
        _areUnknown |= found is null;
        return found ?? [];
    }

    /// <summary>Whether there is a signature of a manifest, as a tag of its own or among its referrers.</summary>
    public async Task<bool> AreSignedAsync(
        Digest digest,
        IReadOnlySet<string> tags,
        CancellationToken cancellationToken
    )
    {
        if (tags.Contains(CompanionTags.SignatureOf(digest)))
        {
            return true;
        }

        var found = await OfAsync(digest, cancellationToken);
        if (found.Count == 0 && tags.Contains(CompanionTags.PrefixOf(digest)))
        {
            found = await upstream.ListedAsync(CompanionTags.PrefixOf(digest), cancellationToken);
        }

        return found.Any(r => CosignTypes.IsSignature(r.ArtifactType));
    }
}
