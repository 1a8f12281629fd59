using System.Runtime.CompilerServices;
using System.Text.Json;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.TestPlugins.Images;

/// <summary>What a sync of images may be asked beside remote, mirror and optimize.</summary>
public sealed record ImageSyncOptions
{
    /// <summary>Images without a signature are left out.</summary>
    [Field("Whether only signed images are synced.")]
    public bool SignedOnly { get; init; }

    /// <summary>How many tags are taken.</summary>
    [Field("At most so many tags, in the registry's order.", Minimum = 1)]
    public long Limit { get; init; } = 100;
}

/// <summary>Reads a registry: the tags, a manifest for each, and its blobs where somebody asks for them.</summary>
internal sealed class ImageSync : SyncPlan<ImageRepository, ImageRemote, ImageSyncOptions>
{
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<ImageRepository, ImageRemote> sync,
        ImageSyncOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var list = await sync.FetchAsync(sync.UrlFor("v2/app/tags/list"), cancellationToken);
        if (sync.SkipUnchanged(list.Sha256))
        {
            yield break;
        }

        foreach (var tag in (await ReadAsync(list, "tags", cancellationToken)).Take((int)options.Limit))
        {
            var answer = await sync.FetchAsync(
                new UpstreamRequest(sync.UrlFor($"v2/app/manifests/{tag}")) { Accept = [MediaType] },
                cancellationToken
            );
            if (options.SignedOnly && !answer.Headers.ContainsKey("X-Signature"))
            {
                sync.Task.Warn("images.not_signed", $"The image {tag} isn't signed.");
                continue;
            }

            var blobs = new List<DeclaredContent>();
            foreach (var digest in await ReadAsync(answer.Body, "layers", cancellationToken))
            {
                var blob = new DeclaredContent(
                    new Blob { Digest = digest },
                    new DeclaredArtifact(digest, sync.UrlFor($"v2/app/blobs/{digest}"))
                    {
                        Sha256 = digest["sha256:".Length..],
                        Deferred = true,
                    }
                );
                blobs.Add(blob);
                yield return blob;
            }

            var name = "sha256:" + answer.Body.Sha256;
            var manifest = new DeclaredContent(
                new Manifest { Digest = name, MediaType = answer.MediaType ?? "" },
                new DeclaredArtifact(name, answer.Body)
            )
            {
                References = new Dictionary<string, IReadOnlyCollection<Guid>>
                {
                    ["blobs"] = await Task.WhenAll(blobs.Select(b => b.SavedAsync())),
                },
            };
            yield return manifest;
            yield return new DeclaredContent(new Tag { Name = tag, TaggedManifest = await manifest.SavedAsync() });
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(
        FetchedFile file,
        string member,
        CancellationToken cancellationToken
    )
    {
        await using var stream = file.Open();
        using var json = await JsonDocument.ParseAsync(stream, default, cancellationToken);
        return [.. json.RootElement.GetProperty(member).EnumerateArray().Select(e => e.GetString() ?? "")];
    }
}
