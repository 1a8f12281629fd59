using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Upstreams;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Signatures;

namespace PulpContainer.Upstreams;

/// <summary>
/// Simple signatures of a repository of another registry: in a directory of the remote's (<c>sigstore</c>), or from the registry itself
/// where its answers said that it has such (<c>X-Registry-Supports-Signatures</c>).
/// </summary>
/// <param name="upstream">The repository.</param>
/// <param name="sigstore">The directory's address; null or empty for none.</param>
/// <param name="fetch">Sends a request with the remote's credentials, which the registry alone gets.</param>
internal sealed class UpstreamSignatures(
    UpstreamRepository upstream,
    string? sigstore,
    Func<UpstreamRequest, CancellationToken, Task<UpstreamAnswer>> fetch
)
{
    /// <summary>More nobody makes of one image.</summary>
    public const int Most = 100;

    private const int LargestAnswer = 16 * 1024 * 1024;
    private static readonly int[] MayBeMissing = [404];

    /// <summary>The signatures that are said to be of a manifest, as bytes.</summary>
    /// <exception cref="UpstreamException">They can't be had.</exception>
    public Task<IReadOnlyList<byte[]>> OfAsync(Digest manifest, CancellationToken cancellationToken) =>
        !string.IsNullOrEmpty(sigstore) ? InDirectoryAsync(sigstore, manifest, cancellationToken)
        : upstream.HasSignatures ? InRegistryAsync(manifest, cancellationToken)
        : Task.FromResult<IReadOnlyList<byte[]>>([]);

    /// <summary><c>name@sha256=digits/signature-1</c> and so on, until there is none.</summary>
    private async Task<IReadOnlyList<byte[]>> InDirectoryAsync(
        string directory,
        Digest manifest,
        CancellationToken cancellationToken
    )
    {
        var found = new List<byte[]>();
        var path = $"{directory.TrimEnd('/')}/{upstream.Name}@{manifest.Algorithm}={manifest.Hex}";
        while (found.Count < Most)
        {
            var request = Request($"{path}/signature-{found.Count + 1}", SimpleSignature.MostBytes);
            await using var answer = await fetch(request, cancellationToken);
            if (!answer.IsSuccess)
            {
                break;
            }

            found.Add(await UpstreamReading.BytesOfAsync(answer, cancellationToken));
        }

        return found;
    }

    private async Task<IReadOnlyList<byte[]>> InRegistryAsync(Digest manifest, CancellationToken cancellationToken)
    {
        var request = Request(upstream.SignaturesUrl(manifest), LargestAnswer);
        await using var answer = await fetch(request, cancellationToken);
        if (!answer.IsSuccess)
        {
            return [];
        }

        await using var stream = answer.Body.Open();
        try
        {
            using var json = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return
            [
                .. json
                    .RootElement.ItemsOf("signatures")
                    .Where(signature => signature.Text("type") == SimpleSignature.Atomic)
                    .Take(Most)
                    .Select(signature => Convert.FromBase64String(signature.Text("content") ?? "")),
            ];
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            // The last is a text that is no Unicode.
            throw new UpstreamException($"The signatures of {upstream.Shown} can't be read: {error.Message}", error);
        }
    }

    private static UpstreamRequest Request(string url, long most) =>
        new(url)
        {
            Answers = MayBeMissing,
            Expected = new FileExpectation { MaxSize = most },
        };
}
