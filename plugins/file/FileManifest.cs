using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Publishing;
using Pulp.PluginSdk.Sync;

namespace PulpFile;

/// <summary>A line of a manifest.</summary>
/// <param name="RelativePath">Path below the manifest's directory.</param>
/// <param name="Sha256">Digest, lower-case hex.</param>
/// <param name="Size">Bytes.</param>
public sealed record ManifestEntry(string RelativePath, string Sha256, long Size);

/// <summary>Reads and writes PULP_MANIFEST: a line <c>path,sha256,size</c> for each file. The path may hold commas.</summary>
public static class FileManifest
{
    /// <summary>What the file is called where nobody says otherwise.</summary>
    public const string DefaultName = "PULP_MANIFEST";

    /// <summary>No path is longer, so no line is.</summary>
    private const int LongestLine = 8 * 1024;

    /// <summary>Reads entries one at a time; blank lines and lines that begin with <c>#</c> are skipped.</summary>
    /// <param name="stream">The manifest, UTF-8.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">A line can't be read; the message says which and why.</exception>
    public static async IAsyncEnumerable<ManifestEntry> ReadAsync(
        Stream stream,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var reader = new StreamReader(
            stream,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
            detectEncodingFromByteOrderMarks: false,
            leaveOpen: true
        );
        var buffer = new char[32 * 1024];
        var line = new StringBuilder();
        long number = 0;
        int read;
        while ((read = await FillAsync(reader, buffer, cancellationToken)) > 0)
        {
            var from = 0;
            while (from < read)
            {
                var end = Array.IndexOf(buffer, '\n', from, read - from);
                line.Append(buffer, from, (end < 0 ? read : end) - from);
                if (line.Length > LongestLine)
                {
                    throw Fault(number + 1, "is too long");
                }

                if (end < 0)
                {
                    break;
                }

                number++;
                if (Parse(line.ToString(), number) is { } entry)
                {
                    yield return entry;
                }

                line.Clear();
                from = end + 1;
            }
        }

        if (Parse(line.ToString(), number + 1) is { } last)
        {
            yield return last;
        }
    }

    /// <summary>Writes the units whose digest and size are known.</summary>
    /// <param name="stream">Takes the manifest.</param>
    /// <param name="units">The units, in the order they are to stand.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task WriteAsync(
        Stream stream,
        IAsyncEnumerable<PublishedUnit<FileContent>> units,
        CancellationToken cancellationToken
    )
    {
        await using var writer = new StreamWriter(
            stream,
            new UTF8Encoding(false),
            bufferSize: 32 * 1024,
            leaveOpen: true
        )
        {
            NewLine = "\n",
        };
        await foreach (var unit in units.WithCancellation(cancellationToken))
        {
            var digest = unit.Sha256 ?? unit.Content.Digest;
            await writer.WriteAsync(unit.RelativePath.AsMemory(), cancellationToken);
            await writer.WriteLineAsync(
                $",{digest},{(unit.Size ?? 0).ToString(CultureInfo.InvariantCulture)}".AsMemory(),
                cancellationToken
            );
        }
    }

    private static async Task<int> FillAsync(StreamReader reader, char[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(buffer, cancellationToken);
        }
        catch (DecoderFallbackException error)
        {
            throw new UpstreamException("The manifest is not UTF-8.", error);
        }
    }

    private static ManifestEntry? Parse(string text, long number)
    {
        var line = text.Trim();
        if (line.Length == 0 || line[0] == '#')
        {
            return null;
        }

        var size = line.LastIndexOf(',');
        var digest = size > 0 ? line.LastIndexOf(',', size - 1) : -1;
        if (digest <= 0)
        {
            throw Fault(number, "is not 'path,sha256,size'");
        }

        var path = line[..digest];
        var sha256 = line[(digest + 1)..size].Trim().ToLowerInvariant();
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit))
        {
            throw Fault(number, $"has no SHA-256 for '{RelativePaths.Shorten(path)}'");
        }

        if (!long.TryParse(line[(size + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
        {
            throw Fault(number, $"has no size for '{RelativePaths.Shorten(path)}'");
        }

        return RelativePaths.IsSafe(path)
            ? new ManifestEntry(path, sha256, bytes)
            : throw Fault(number, $"has a path that is not allowed: '{RelativePaths.Shorten(path)}'");
    }

    private static UpstreamException Fault(long line, string what) =>
        new($"The manifest is invalid: line {line} {what}.");
}
