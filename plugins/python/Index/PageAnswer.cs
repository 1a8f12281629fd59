using System.IO.Compression;
using System.Security.Cryptography;
using Pulp.PluginSdk.Serving;

namespace PulpPython.Index;

/// <summary>Makes pages into answers.</summary>
internal static class PageAnswer
{
    /// <summary>Below this compression saves nothing worth it.</summary>
    private const int SmallestCompressed = 1000;

    /// <summary>An answer that is sent as it is from now on.</summary>
    public static (ContentAnswer Value, long Bytes) Of(
        byte[] body,
        string mediaType,
        IReadOnlyList<string> variesBy,
        bool compressed,
        long serial
    )
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-PyPI-Last-Serial"] = $"{serial}" };
        if (compressed && body.Length >= SmallestCompressed)
        {
            headers["Content-Encoding"] = "gzip";
            body = Compress(body);
        }

        var answer = new ContentAnswer.Bytes(body, mediaType)
        {
            Remember = Remember.WhileServed,
            VariesBy = variesBy,
            Headers = headers,
            ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"",
            IsUnguarded = true,
        };
        return (answer, body.Length + 1000);
    }

    private static byte[] Compress(byte[] body)
    {
        using var buffer = new MemoryStream(body.Length / 4);
        using (var gzip = new GZipStream(buffer, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return buffer.ToArray();
    }
}
