using System.Globalization;
using System.Text;

namespace PulpPython.Metadata;

/// <summary>
/// Looks for one file in a tar archive (POSIX ustar and pax, GNU), entry by entry: the framework's own reader takes headers of any size
/// into memory.
/// </summary>
internal static class TarEntries
{
    private const int Block = 512;
    private const int MostEntries = 200_000;
    private const int LargestHeader = 1024 * 1024;

    /// <summary>The first file whose path, without a leading <c>./</c>, is the wanted one; null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is no tar archive.</exception>
    /// <exception cref="Pulp.PluginSdk.Errors.ValidationException">It breaks the limits.</exception>
    public static async Task<byte[]?> ReadAsync(
        LimitedStream tar,
        Func<string, bool> isWanted,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var header = new byte[Block];
        string? longName = null;
        long? longSize = null;
        for (var count = 0; await tar.FillAsync(header, cancellationToken); count++)
        {
            if (!header.AsSpan().ContainsAnyExcept((byte)0))
            {
                return null;
            }

            if (count > MostEntries)
            {
                throw PackageArchive.Fault($"has more than {MostEntries} entries");
            }

            var type = Checked(header)[156];
            var size =
                longSize is { } known && type is not ((byte)'x' or (byte)'L') ? known : Number(header.AsSpan(124, 12));
            if (type is (byte)'x' or (byte)'L')
            {
                var body = await BodyAsync(tar, size, LargestHeader, cancellationToken);
                (longName, longSize) = type == (byte)'L' ? (Name(body), longSize) : Pax(body, longName, longSize);
                continue;
            }

            var path = longName ?? Path(header);
            var isFile = type is 0 or (byte)'0' or (byte)'7';
            if (isFile && isWanted(path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path))
            {
                return await BodyAsync(tar, size, limit, cancellationToken);
            }

            // Links and directories have no bytes, whatever their size says.
            await tar.SkipAsync(type is >= (byte)'1' and <= (byte)'6' ? 0 : Padded(size), cancellationToken);
            if (type is not ((byte)'g' or (byte)'K'))
            {
                (longName, longSize) = (null, null);
            }
        }

        return null;
    }

    private static async Task<byte[]> BodyAsync(
        LimitedStream tar,
        long size,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (size > limit)
        {
            throw PackageArchive.Fault($"has metadata of more than {limit} bytes");
        }

        var body = new byte[size];
        if (size > 0 && !await tar.FillAsync(body, cancellationToken))
        {
            throw new EndOfStreamException();
        }

        await tar.SkipAsync(Padded(size) - size, cancellationToken);
        return body;
    }

    private static long Padded(long size) => checked(size + Block - 1) / Block * Block;

    /// <exception cref="InvalidDataException">The sum of the header's bytes isn't what it says.</exception>
    private static byte[] Checked(byte[] header)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return sum == Number(header.AsSpan(148, 8)) ? header : throw new InvalidDataException();
    }

    private static string Path(byte[] header)
    {
        var name = Name(header.AsSpan(0, 100));
        var isPosix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        return isPosix && Name(header.AsSpan(345, 155)) is { Length: > 0 } prefix ? $"{prefix}/{name}" : name;
    }

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Octal digits, or for large numbers the bytes themselves behind a first one of 0x80.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        long number = 0;
        if (field[0] == 0x80)
        {
            foreach (var b in field[1..])
            {
                number = checked((number * 256) + b);
            }

            return number;
        }

        foreach (var b in field.Trim(" \0"u8))
        {
            number = b is >= (byte)'0' and <= (byte)'7'
                ? checked((number * 8) + b - '0')
                : throw new InvalidDataException();
        }

        return number;
    }

    /// <summary>Records <c>length key=value</c>, each with a line break; only path and size are of interest here.</summary>
    private static (string? Name, long? Size) Pax(ReadOnlySpan<byte> records, string? name, long? size)
    {
        while (records.Length > 0)
        {
            var space = records.IndexOf((byte)' ');
            if (
                space <= 0
                || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > records.Length
            )
            {
                throw new InvalidDataException();
            }

            var record = records[(space + 1)..(length - 1)];
            if (record.StartsWith("path="u8))
            {
                name = Encoding.UTF8.GetString(record[5..]);
            }
            else if (record.StartsWith("size="u8))
            {
                size = long.TryParse(record[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                    ? bytes
                    : throw new InvalidDataException();
            }

            records = records[length..];
        }

        return (name, size);
    }
}
