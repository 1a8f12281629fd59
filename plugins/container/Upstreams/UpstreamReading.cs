using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Upstreams;

namespace PulpContainer.Upstreams;

/// <summary>Reads the answers of registries; <c>shown</c> is what the repository is called in messages.</summary>
internal static class UpstreamReading
{
    /// <summary>The next page (RFC 8288); it is on the same registry.</summary>
    public static string? NextOf(UpstreamAnswer answer, string shown)
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
            : throw new UpstreamException($"The next page of {shown} is said to be on another host.");
    }

    /// <summary>What is read of a JSON answer.</summary>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(
        UpstreamAnswer answer,
        string shown,
        Func<JsonElement, IEnumerable<T>> read,
        CancellationToken cancellationToken
    )
    {
        await using var stream = answer.Body.Open();
        return await ReadAsync(stream, shown, read, cancellationToken);
    }

    public static async Task<IReadOnlyList<T>> ReadAsync<T>(
        Stream stream,
        string shown,
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
            throw new UpstreamException($"What {shown} lists can't be read: {error.Message}", error);
        }
    }

    public static async Task<byte[]> BytesOfAsync(UpstreamAnswer answer, CancellationToken cancellationToken)
    {
        var body = new byte[answer.Body.Size];
        await using var stream = answer.Body.Open();
        await stream.ReadExactlyAsync(body, cancellationToken);
        return body;
    }
}
