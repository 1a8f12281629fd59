using System.IO.Compression;

namespace PulpContainer.Signatures;

/// <summary>
/// What a signed OpenPGP message (RFC 4880) says: its contents, and who says to have signed them. Nothing is verified: clients do that,
/// with the keys that they trust.
/// </summary>
internal sealed record OpenPgpMessage
{
    private const int Signature = 2;
    private const int Compressed = 8;
    private const int Literal = 11;

    /// <summary>A simple signature has a few hundred octets.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    public byte[]? Contents { get; private set; }

    /// <summary>16 hex digits.</summary>
    public string? KeyId { get; private set; }

    public DateTimeOffset? Created { get; private set; }

    /// <exception cref="FormatException">It is no such message.</exception>
    public static OpenPgpMessage Read(ReadOnlySpan<byte> bytes)
    {
        var message = new OpenPgpMessage();
        message.Read(bytes, mayBeCompressed: true);
        return message;
    }

    private void Read(ReadOnlySpan<byte> bytes, bool mayBeCompressed)
    {
        var reader = new OpenPgpReader(bytes);
        while (!reader.IsAtEnd)
        {
            var (tag, body) = reader.Packet();
            if (tag == Compressed && mayBeCompressed)
            {
                Read(Inflate(body), mayBeCompressed: false);
            }
            else if (tag == Literal)
            {
                ReadLiteral(body);
            }
            else if (tag == Signature)
            {
                ReadSignature(body);
            }
        }
    }

    private void ReadLiteral(ReadOnlySpan<byte> body)
    {
        var reader = new OpenPgpReader(body);
        reader.Byte();
        reader.Take(reader.Byte());
        reader.Take(4);
        Contents = reader.Rest.ToArray();
    }

    private void ReadSignature(ReadOnlySpan<byte> body)
    {
        var reader = new OpenPgpReader(body);
        switch (reader.Byte())
        {
            case 3:
                reader.Take(2);
                Created = DateTimeOffset.FromUnixTimeSeconds(reader.Number(4));
                KeyId = Convert.ToHexString(reader.Take(8));
                break;
            case 4:
                reader.Take(3);
                ReadSubpackets(reader.Take(reader.Number(2)));
                ReadSubpackets(reader.Take(reader.Number(2)));
                break;
            default:
                throw new FormatException("The signature is of a version that isn't known.");
        }
    }

    private void ReadSubpackets(ReadOnlySpan<byte> area)
    {
        var reader = new OpenPgpReader(area);
        while (!reader.IsAtEnd)
        {
            var subpacket = new OpenPgpReader(reader.Take(reader.SubpacketLength()));
            switch (subpacket.Byte() & 0x7f)
            {
                case 2:
                    Created = DateTimeOffset.FromUnixTimeSeconds(subpacket.Number(4));
                    break;
                case 16:
                    KeyId = Convert.ToHexString(subpacket.Take(8));
                    break;
                case 33 when subpacket.Byte() == 4:
                    // The key's id is the end of its fingerprint.
                    KeyId ??= Convert.ToHexString(subpacket.Take(20)[12..]);
                    break;
            }
        }
    }

    private static byte[] Inflate(byte[] body)
    {
        if (body.Length == 0)
        {
            throw new FormatException("A compressed packet is empty.");
        }

        using var packed = new MemoryStream(body, 1, body.Length - 1);
        using Stream stream = body[0] switch
        {
            0 => packed,
            1 => new DeflateStream(packed, CompressionMode.Decompress),
            2 => new ZLibStream(packed, CompressionMode.Decompress),
            _ => throw new FormatException("It is compressed in a way that isn't known."),
        };
        var (plain, buffer) = (new MemoryStream(), new byte[16 * 1024]);
        try
        {
            for (int count; (count = stream.Read(buffer)) > 0; )
            {
                if (plain.Length + count > MostBytes)
                {
                    throw new FormatException("It is larger than a signature.");
                }

                plain.Write(buffer, 0, count);
            }
        }
        catch (InvalidDataException error)
        {
            throw new FormatException("A compressed packet can't be read.", error);
        }

        return plain.ToArray();
    }
}
