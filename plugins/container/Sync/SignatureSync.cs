using System.Threading.Channels;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Remotes;
using PulpContainer.Repositories;
using PulpContainer.Signatures;
using PulpContainer.Upstreams;

namespace PulpContainer.Sync;

/// <summary>Declares the simple signatures of manifests that a sync takes.</summary>
internal sealed class SignatureSync(
    SyncContext<ContainerRepository, ContainerRemote> sync,
    UpstreamSignatures signatures,
    ChannelWriter<DeclaredContent> units
)
{
    /// <summary>Whether there is any of a manifest; what can't be read, or is of another manifest, isn't one.</summary>
    public async Task<bool> AnyAsync(Digest manifest, CancellationToken cancellationToken) =>
        (await signatures.OfAsync(manifest, cancellationToken)).Any(bytes => SimpleSignature.IsOf(bytes, manifest));

    /// <summary>Takes those of a manifest that is stored. One that can't be read is told, and keeps nothing else back.</summary>
    public async Task TakeAsync(Digest manifest, Guid id, CancellationToken cancellationToken)
    {
        foreach (var signature in await signatures.OfAsync(manifest, cancellationToken))
        {
            ManifestSignature unit;
            try
            {
                unit = SimpleSignature.Read(signature, manifest, id);
            }
            catch (FormatException error)
            {
                sync.Task.Warn(
                    "container.signature_refused",
                    $"A signature of {manifest} is left out: {error.Message}"
                );
                continue;
            }

            await units.WriteAsync(new DeclaredContent(unit), cancellationToken);
        }
    }
}
