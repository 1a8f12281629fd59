using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Upstreams;

/// <summary>One repository of another registry, asked by the OCI distribution specification.</summary>
/// <param name="registry">The remote's address.</param>
/// <param name="upstreamName">The repository's name there.</param>
/// <param name="fetch">Sends a request with the remote's credentials and limits.</param>
/// <param name="allowance">How many manifests the registry still gives.</param>
internal sealed class UpstreamRepository(
    string registry,
    string upstreamName,
    Func<UpstreamRequest, CancellationToken, Task<UpstreamAnswer>> fetch,
    RequestAllowance allowance
)
{
    /// <summary>As many as most registries give at once.</summary>
    private const int TagsAtOnce = 1000;

    /// <summary>More tags than this no repository has.</summary>
    private const int MostPages = 10_000;

    private const long LargestPage = 64L * 1024 * 1024;
    private static readonly int[] MayBeMissing = [404];
    private static readonly int[] MayBeUnknown = [400, 404, 405, 406];
    private readonly Uri _registry = RootOf(registry);
    private readonly string _name = NameAt(registry, upstreamName);

    /// <summary>What it is called in messages.</summary>
    public string Shown => $"{_registry.Authority}/{_name}";

    /// <summary>Its name there.</summary>
    public string Name => _name;

    /// <summary>Whether the registry said, in an answer about a manifest, that it has simple signatures.</summary>
    public bool HasSignatures { get; private set; }

    /// <summary>Where the registry has the signatures of a manifest, if it has them.</summary>
    public string SignaturesUrl(Digest manifest) =>
        new Uri(_registry, $"/extensions/v2/{_name}/signatures/{manifest}").AbsoluteUri;

    private string BlobUrl(string digest) => Url($"blobs/{digest}");

    /// <summary>All tags; null where the registry doesn't list them.</summary>
    /// <exception cref="UpstreamException">They can't be had.</exception>
    public async Task<IReadOnlyList<string>?> TagsAsync(CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        string? url = Url($"tags/list?n={TagsAtOnce}");
        for (var page = 0; url is not null; page++)
        {
            if (page == MostPages)
            {
                throw new UpstreamException($"The list of tags of {Shown} has no end.");
            }

            var request = new UpstreamRequest(url)
            {
                Accept = ["application/json"],
                Answers = MayBeMissing,
                Expected = new FileExpectation { MaxSize = LargestPage },
            };
            await using var answer = await fetch(request, cancellationToken);
            if (!answer.IsSuccess)
            {
                return null;
            }

            tags.AddRange(
                await UpstreamReading.ReadAsync(
                    answer,
                    Shown,
                    list => list.TextsOf("tags").Where(ImageName.IsTag),
                    cancellationToken
                )
            );
            url = UpstreamReading.NextOf(answer, Shown);
        }

        return [.. tags.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What a tag or digest names, without its bytes where the registry tells without; null where it has none.</summary>
    /// <exception cref="UpstreamException">It can't be asked.</exception>
    public async Task<UpstreamManifest?> FindAsync(string reference, CancellationToken cancellationToken)
    {
        var request = new UpstreamRequest(Url($"manifests/{reference}"))
        {
            Method = "HEAD",
            Accept = MediaTypes.Manifests,
            Answers = [404, 405],
        };
        await using var answer = await fetch(request, cancellationToken);
        Note(answer);
        if (answer.Status == 404)
        {
            return null;
        }

        // Some registries leave the digest out, though they should say it.
        return answer.IsSuccess && Digest.TryParse(DigestOf(answer), out var digest)
            ? new UpstreamManifest(digest, MediaTypes.Bare(answer.MediaType), Body: null)
            : await FetchAsync(reference, cancellationToken);
    }

    /// <summary>A manifest with its bytes; null where there is none.</summary>
    /// <exception cref="UpstreamException">It can't be had.</exception>
    /// <exception cref="DigestException">It isn't what its digest says.</exception>
    public async Task<UpstreamManifest?> FetchAsync(string reference, CancellationToken cancellationToken)
    {
        await allowance.TakeAsync(_registry.Authority, cancellationToken);
        var request = new UpstreamRequest(Url($"manifests/{reference}"))
        {
            Accept = MediaTypes.Manifests,
            Answers = MayBeMissing,
            Expected = new FileExpectation { MaxSize = ManifestBodies.MostBytes },
        };
        await using var answer = await fetch(request, cancellationToken);
        Note(answer);
        if (!answer.IsSuccess)
        {
            return null;
        }

        var body = await UpstreamReading.BytesOfAsync(answer, cancellationToken);
        var type = MediaTypes.Bare(answer.MediaType);
        // Of a tag the registry's header says which digest it means; a digest that was asked for must be that of the bytes.
        var expected =
            Digest.TryParse(reference, out var asked) ? asked
            : Digest.TryParse(DigestOf(answer), out var told) ? told
            : Digest.Of(body);
        var found = new UpstreamManifest(expected, type, body);
        return found.IsSchema1 || Digest.Of(body, expected.Algorithm) == expected
            ? found
            : throw new DigestException($"{request.Url} has the digest {Digest.Of(body)} instead of {expected}.");
    }

    /// <summary>What refers to a manifest; null where the registry doesn't know the question.</summary>
    /// <exception cref="UpstreamException">It can't be asked.</exception>
    public async Task<IReadOnlyList<UpstreamReferrer>?> ReferrersAsync(
        string digest,
        CancellationToken cancellationToken
    )
    {
        var found = new List<UpstreamReferrer>();
        string? url = Url($"referrers/{digest}");
        for (var page = 0; url is not null && page < MostPages; page++)
        {
            var request = new UpstreamRequest(url)
            {
                Accept = [MediaTypes.OciIndex],
                Answers = MayBeUnknown,
                Expected = new FileExpectation { MaxSize = LargestPage },
            };
            await using var answer = await fetch(request, cancellationToken);
            // Whatever serves a page for unknown paths isn't meant.
            if (!answer.IsSuccess || MediaTypes.Bare(answer.MediaType) != MediaTypes.OciIndex)
            {
                return null;
            }

            found.AddRange(await UpstreamReading.ReadAsync(answer, Shown, UpstreamReferrer.AllIn, cancellationToken));
            url = UpstreamReading.NextOf(answer, Shown);
        }

        return [.. found.DistinctBy(r => r.Digest)];
    }

    /// <summary>What an index lists; nothing where there is none.</summary>
    /// <exception cref="UpstreamException">It can't be had.</exception>
    public async Task<IReadOnlyList<UpstreamReferrer>> ListedAsync(string tag, CancellationToken cancellationToken)
    {
        if (await FetchAsync(tag, cancellationToken) is not { Body: { } body })
        {
            return [];
        }

        using var stream = new MemoryStream(body, writable: false);
        return await UpstreamReading.ReadAsync(stream, Shown, UpstreamReferrer.AllIn, cancellationToken);
    }

    /// <summary>A small blob, such as a configuration.</summary>
    /// <exception cref="UpstreamException">It can't be had.</exception>
    /// <exception cref="DigestException">It isn't what its digest and size say.</exception>
    public Task<UpstreamAnswer> BlobAsync(Descriptor descriptor, CancellationToken cancellationToken) =>
        fetch(new UpstreamRequest(BlobUrl(descriptor.Digest)) { Expected = ExpectedOf(descriptor) }, cancellationToken);

    /// <summary>The file of a blob, which is fetched when it is wanted.</summary>
    public DeclaredArtifact Declare(Descriptor descriptor)
    {
        var expected = ExpectedOf(descriptor);
        return new DeclaredArtifact(descriptor.Digest, BlobUrl(descriptor.Digest))
        {
            Size = expected.Size,
            Sha256 = expected.Sha256,
            OtherDigests = expected.OtherDigests,
        };
    }

    private static FileExpectation ExpectedOf(Descriptor descriptor) =>
        (Digest.TryParse(descriptor.Digest, out var digest) ? digest.Expected : FileExpectation.None) with
        {
            Size = descriptor.Size,
        };

    private string Url(string path) => new Uri(_registry, $"/v2/{_name}/{path}").AbsoluteUri;

    private void Note(UpstreamAnswer answer)
    {
        allowance.Note(answer.Headers);
        HasSignatures |= answer.Headers.GetValueOrDefault("X-Registry-Supports-Signatures") == "1";
    }

    private static string? DigestOf(UpstreamAnswer answer) => answer.Headers.GetValueOrDefault("Docker-Content-Digest");

    private static Uri RootOf(string registry) =>
        Uri.TryCreate(registry, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new Uri(url!.GetLeftPart(UriPartial.Authority))
            : throw new UpstreamException("Registries are read by http and https only.");

    /// <summary>Docker Hub keeps images without a namespace in one of their own.</summary>
    private static string NameAt(string registry, string name) =>
        !name.Contains('/', StringComparison.Ordinal)
        && RootOf(registry).Host is var host
        && (host == "docker.io" || host.EndsWith(".docker.io", StringComparison.Ordinal))
            ? $"library/{name}"
            : name;
}
