using System.Buffers.Binary;

namespace PulpContainer.Signatures;

/// <summary>Reads octets, and never more than there are.</summary>
internal ref struct OpenPgpReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <exception cref="FormatException">There aren't as many.</exception>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("An OpenPGP packet is shorter than it says.");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    public byte Byte() => Take(1)[0];

    /// <summary>A whole number of 1, 2 or 4 octets.</summary>
    public long Number(int octets) =>
        octets switch
        {
            1 => Byte(),
            2 => BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
            _ => BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
        };

    /// <summary>A packet's tag and its body, put together where it comes in parts (RFC 4880, section 4.2).</summary>
    public (int Tag, byte[] Body) Packet()
    {
        var head = Byte();
        if ((head & 0x80) == 0)
        {
            throw new FormatException("It is no OpenPGP message.");
        }

        if ((head & 0x40) != 0)
        {
            return (head & 0x3f, NewBody());
        }

        var type = head & 3;
        return ((head >> 2) & 0x0f, Take(type == 3 ? _rest.Length : Number(1 << type)).ToArray());
    }

    /// <summary>The length of a subpacket (section 5.2.3.1).</summary>
    public long SubpacketLength()
    {
        var first = Byte();
        return first switch
        {
            < 192 => first,
            < 255 => ((first - 192) << 8) + Byte() + 192,
            _ => Number(4),
        };
    }

    private byte[] NewBody()
    {
        var body = new List<byte>();
        while (true)
        {
            var first = Byte();
            // A part whose length is a power of two, which more follow.
            if (first is >= 224 and < 255)
            {
                body.AddRange(Take(1L << (first & 0x1f)));
                continue;
            }

            var length = first switch
            {
                < 192 => first,
                255 => Number(4),
                _ => ((first - 192) << 8) + Byte() + 192,
            };
            body.AddRange(Take(length));
            return [.. body];
        }
    }
}
