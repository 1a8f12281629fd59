using System.Buffers.Binary;

namespace PulpPython.Metadata;

/// <summary>Where the directory of a zip archive is, as the record at the file's end says.</summary>
/// <param name="Entries">How many there are.</param>
/// <param name="DirectoryOffset">Where it begins in the file.</param>
/// <param name="Shift">What is before the archive, such as an installer's program: offsets are counted from behind it.</param>
internal sealed record ZipEnd(long Entries, long DirectoryOffset, long Shift)
{
    private const uint Signature = 0x06054b50;
    private const uint LargeSignature = 0x06064b50;
    private const uint LocatorSignature = 0x07064b50;
    private const int Length = 22;
    private const int LargeLength = 56;
    private const int LocatorLength = 20;

    /// <summary>Finds the record, behind which there may be a comment.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static async Task<ZipEnd> FindAsync(Stream file, CancellationToken cancellationToken)
    {
        var tail = new byte[(int)Math.Min(file.Length, Length + ushort.MaxValue + LocatorLength)];
        file.Position = file.Length - tail.Length;
        await file.ReadExactlyAsync(tail, cancellationToken);
        var at = tail.Length - Length;
        while (at >= 0 && !IsRecord(tail, at))
        {
            at--;
        }

        if (at < 0)
        {
            throw new InvalidDataException();
        }

        var position = file.Length - tail.Length + at;
        var locator = at - LocatorLength;
        return locator >= 0 && UInt32(tail, locator) == LocatorSignature
            ? await LargeAsync(file, Int64(tail, locator + 8), cancellationToken)
            : Made(UInt16(tail, at + 10), UInt32(tail, at + 12), UInt32(tail, at + 16), position);
    }

    /// <summary>The extra field with the numbers that don't fit into 32 bits, in their order.</summary>
    public static ReadOnlySpan<byte> LargeNumbers(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var (id, length) = (
                BinaryPrimitives.ReadUInt16LittleEndian(extra),
                BinaryPrimitives.ReadUInt16LittleEndian(extra[2..])
            );
            extra = extra[4..];
            if (length > extra.Length)
            {
                break;
            }

            if (id == 1)
            {
                return extra[..length];
            }

            extra = extra[length..];
        }

        return [];
    }

    /// <exception cref="InvalidDataException">There is none any more, or it is none.</exception>
    public static long Take(ref ReadOnlySpan<byte> numbers)
    {
        if (numbers.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(numbers) is not (>= 0 and var number))
        {
            throw new InvalidDataException();
        }

        numbers = numbers[8..];
        return number;
    }

    private static async Task<ZipEnd> LargeAsync(Stream file, long position, CancellationToken cancellationToken)
    {
        if (position < 0 || position > file.Length - LargeLength)
        {
            throw new InvalidDataException();
        }

        var record = new byte[LargeLength];
        file.Position = position;
        await file.ReadExactlyAsync(record, cancellationToken);
        return UInt32(record, 0) == LargeSignature
            ? Made(Int64(record, 32), Int64(record, 40), Int64(record, 48), position)
            : throw new InvalidDataException();
    }

    /// <exception cref="InvalidDataException">The directory isn't before the record.</exception>
    private static ZipEnd Made(long entries, long size, long offset, long position)
    {
        var begin = position - size;
        return entries >= 0 && size >= 0 && offset >= 0 && begin >= offset
            ? new ZipEnd(entries, begin, begin - offset)
            : throw new InvalidDataException();
    }

    /// <summary>The comment ends where the file does; without this, a record in the comment would count.</summary>
    private static bool IsRecord(byte[] tail, int at) =>
        UInt32(tail, at) == Signature && at + Length + UInt16(tail, at + 20) == tail.Length;

    private static ushort UInt16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint UInt32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long Int64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}
