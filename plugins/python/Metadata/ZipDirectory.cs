using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace PulpPython.Metadata;

/// <summary>A file in a zip archive, as the directory has it.</summary>
internal sealed record ZipEntry(string Path, ushort Method, uint Crc, long Packed, long Unpacked, long Offset);

/// <summary>
/// Reads a zip archive's directory entry by entry and single files from it: the framework's own reader takes the whole directory into
/// memory, however many entries somebody wrote into it.
/// </summary>
internal static class ZipDirectory
{
    private const int MostEntries = 200_000;
    private const uint EntrySignature = 0x02014b50;
    private const uint FileSignature = 0x04034b50;
    private const int EntryLength = 46;
    private const int FileLength = 30;

    /// <summary>The entries, in the directory's order.</summary>
    /// <exception cref="InvalidDataException">It is no zip archive.</exception>
    /// <exception cref="Pulp.PluginSdk.Errors.ValidationException">It breaks the limits.</exception>
    public static async IAsyncEnumerable<ZipEntry> ReadAsync(
        Stream file,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var end = await ZipEnd.FindAsync(file, cancellationToken);
        if (end.Entries > MostEntries)
        {
            throw PackageArchive.Fault($"has more than {MostEntries} entries");
        }

        file.Position = end.DirectoryOffset;
        // Not closed: it would close the file with it.
        var directory = new BufferedStream(file, 64 * 1024);
        var fixedPart = new byte[EntryLength];
        for (long i = 0; i < end.Entries; i++)
        {
            await directory.ReadExactlyAsync(fixedPart, cancellationToken);
            var lengths = Lengths(fixedPart);
            var rest = new byte[lengths.Name + lengths.Extra + lengths.Comment];
            await directory.ReadExactlyAsync(rest, cancellationToken);
            yield return Entry(
                fixedPart,
                rest.AsSpan(0, lengths.Name),
                rest.AsSpan(lengths.Name, lengths.Extra),
                end.Shift
            );
        }
    }

    /// <summary>One file's bytes.</summary>
    /// <exception cref="InvalidDataException">They aren't what the directory says.</exception>
    /// <exception cref="Pulp.PluginSdk.Errors.ValidationException">It breaks the limits.</exception>
    public static async Task<byte[]> ReadEntryAsync(
        Stream file,
        ZipEntry entry,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (entry.Unpacked > limit || entry.Packed > limit)
        {
            throw PackageArchive.Fault($"has metadata of more than {limit} bytes");
        }

        var header = new byte[FileLength];
        file.Position = entry.Offset;
        await file.ReadExactlyAsync(header, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != FileSignature)
        {
            throw new InvalidDataException();
        }

        file.Position += UInt16(header, 26) + UInt16(header, 28);
        var packed = new byte[entry.Packed];
        await file.ReadExactlyAsync(packed, cancellationToken);
        var unpacked = entry.Method switch
        {
            0 => packed,
            8 => await InflateAsync(packed, entry.Unpacked, cancellationToken),
            _ => throw PackageArchive.Fault("has metadata that is packed in a way that isn't known here"),
        };
        return unpacked.Length == entry.Unpacked && Crc32.Of(unpacked) == entry.Crc
            ? unpacked
            : throw new InvalidDataException();
    }

    /// <summary>Unpacks no more than was said: whatever else comes makes it wrong.</summary>
    private static async Task<byte[]> InflateAsync(byte[] packed, long size, CancellationToken cancellationToken)
    {
        await using var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        var unpacked = new byte[size + 1];
        var read = await inflate.ReadAtLeastAsync(
            unpacked,
            unpacked.Length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        return unpacked[..read];
    }

    private static (int Name, int Extra, int Comment) Lengths(byte[] entry) =>
        BinaryPrimitives.ReadUInt32LittleEndian(entry) == EntrySignature
            ? (UInt16(entry, 28), UInt16(entry, 30), UInt16(entry, 32))
            : throw new InvalidDataException();

    private static ZipEntry Entry(byte[] entry, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra, long shift)
    {
        long packed = UInt32(entry, 20),
            unpacked = UInt32(entry, 24),
            offset = UInt32(entry, 42);
        var large = ZipEnd.LargeNumbers(extra);
        unpacked = unpacked == uint.MaxValue ? ZipEnd.Take(ref large) : unpacked;
        packed = packed == uint.MaxValue ? ZipEnd.Take(ref large) : packed;
        offset = offset == uint.MaxValue ? ZipEnd.Take(ref large) : offset;
        return new ZipEntry(
            Encoding.UTF8.GetString(name),
            UInt16(entry, 10),
            UInt32(entry, 16),
            packed,
            unpacked,
            checked(offset + shift)
        );
    }

    private static ushort UInt16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint UInt32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
