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
                await ReadAsync(answer, list => list.TextsOf("tags").Where(ImageName.IsTag), cancellationToken)
            );
            url = NextOf(answer);
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
        allowance.Note(answer.Headers);
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
        allowance.Note(answer.Headers);
        if (!answer.IsSuccess)
        {
            return null;
        }

        var body = await BytesOfAsync(answer, cancellationToken);
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

            found.AddRange(await ReadAsync(answer, UpstreamReferrer.AllIn, cancellationToken));
            url = NextOf(answer);
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
        return await ReadAsync(stream, UpstreamReferrer.AllIn, cancellationToken);
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

    private static string? DigestOf(UpstreamAnswer answer) => answer.Headers.GetValueOrDefault("Docker-Content-Digest");

    /// <summary>The next page (RFC 8288); it is on the same registry.</summary>
    private string? NextOf(UpstreamAnswer answer)
    {
        var link = answer.Headers.GetValueOrDefault("Link") ?? "";
        var (from, to) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
        if (from < 0 || to < from || !link[to..].Contains("next", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return
            Uri.TryCreate(new Uri(answer.Url), link[(from + 1)..to], out var next)
            && next.Authority == new Uri(answer.Url).Authority
            ? next.AbsoluteUri
            : throw new UpstreamException($"The next page of {Shown} is said to be on another host.");
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        UpstreamAnswer answer,
        Func<JsonElement, IEnumerable<T>> read,
        CancellationToken cancellationToken
    )
    {
        await using var stream = answer.Body.Open();
        return await ReadAsync(stream, read, cancellationToken);
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        Stream stream,
        Func<JsonElement, IEnumerable<T>> read,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return [.. read(json.RootElement)];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is a text that is no Unicode.
            throw new UpstreamException($"What {Shown} lists can't be read: {error.Message}", error);
        }
    }

    private static async Task<byte[]> BytesOfAsync(UpstreamAnswer answer, CancellationToken cancellationToken)
    {
        var body = new byte[answer.Body.Size];
        await using var stream = answer.Body.Open();
        await stream.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

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
