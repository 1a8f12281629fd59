using System.IO.Compression;
using System.Text;

namespace Pulp.Core.Guards;

/// <summary>
/// Reads paths as certificates from version 3 on hold them: a zlib stream of words with NUL between them, the number of nodes, and a
/// stream of bits. Words and nodes stand in the bits by the Huffman codes of the weights 1, 2, 3 and so on. Each node has its edges
/// one after the other: a word, and the node that it leads to; the empty word ends them.
/// </summary>
internal static class PackedPaths
{
    private const int MostWordBytes = 1024 * 1024;
    private const int MostNodes = 100_000;

    /// <exception cref="InvalidDataException">It isn't what it should be.</exception>
    public static PathNode Read(byte[] packed)
    {
        var input = new MemoryStream(packed, writable: false);
        var words = HuffmanTree<string>.Of(Words(input));
        var count = Length(input);
        if (count is < 2 or > MostNodes)
        {
            throw new InvalidDataException("An entitlement has a number of nodes that can't be.");
        }

        PathNode[] nodes = [.. Enumerable.Range(0, count).Select(_ => new PathNode())];
        var bits = new Bits(packed.AsMemory((int)input.Position));
        var targets = HuffmanTree<PathNode>.Of(nodes[1..]);
        foreach (var node in nodes)
        {
            for (var word = words.Decode(bits); word.Length > 0; word = words.Decode(bits))
            {
                node.Add(word, targets.Decode(bits));
            }
        }

        return nodes[0].IsEnd ? throw new InvalidDataException("An entitlement has no paths.") : nodes[0];
    }

    private static string[] Words(Stream input)
    {
        // One byte at a time, so that what follows the compressed words isn't read with them.
        using var words = new ZLibStream(new ByteByByte(input), CompressionMode.Decompress);
        var text = new byte[MostWordBytes];
        var length = words.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return length < text.Length
            ? Encoding.UTF8.GetString(text, 0, length).Split('\0')
            : throw new InvalidDataException("An entitlement has too many words.");
    }

    /// <summary>A length in ASN.1's coding.</summary>
    private static int Length(Stream input)
    {
        var first = input.ReadByte();
        if (first < 128)
        {
            return first;
        }

        var length = 0;
        for (var i = first - 128; i > 0; i--)
        {
            length = (length << 8) + input.ReadByte();
            if (length is < 0 or > MostNodes)
            {
                return -1;
            }
        }

        return length;
    }

    /// <summary>Gives one byte at each read; all else that a stream may be asked for nobody asks of it.</summary>
    private sealed class ByteByByte(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            inner.Read(buffer, offset, Math.Min(count, 1));

        public override int Read(Span<byte> buffer) => inner.Read(buffer[..Math.Min(buffer.Length, 1)]);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>Bits, the most significant of each byte first.</summary>
internal sealed class Bits(ReadOnlyMemory<byte> bytes)
{
    private int _at;

    /// <exception cref="InvalidDataException">There are no more.</exception>
    public bool Next()
    {
        if (_at >= bytes.Length * 8)
        {
            throw new InvalidDataException("An entitlement ends too early.");
        }

        var bit = (bytes.Span[_at / 8] << (_at % 8)) & 128;
        _at++;
        return bit != 0;
    }
}

/// <summary>Huffman's tree over values whose weights are 1, 2, 3 and so on.</summary>
internal sealed class HuffmanTree<T>
    where T : class
{
    private T? _value;
    private HuffmanTree<T>? _left;
    private HuffmanTree<T>? _right;

    /// <summary>Of two of the same weight the older one is lighter; the lighter one goes left.</summary>
    public static HuffmanTree<T> Of(IReadOnlyList<T> values)
    {
        var lightest = new PriorityQueue<HuffmanTree<T>, (long Weight, int Age)>();
        for (var i = 0; i < values.Count; i++)
        {
            lightest.Enqueue(new HuffmanTree<T> { _value = values[i] }, (i + 1, i));
        }

        var age = values.Count;
        while (lightest.TryDequeue(out var left, out var first))
        {
            if (!lightest.TryDequeue(out var right, out var second))
            {
                return left;
            }

            lightest.Enqueue(
                new HuffmanTree<T> { _left = left, _right = right },
                (first.Weight + second.Weight, age++)
            );
        }

        throw new InvalidDataException("An entitlement has no words.");
    }

    public T Decode(Bits bits)
    {
        var node = this;
        while (node is { _left: { } left, _right: { } right })
        {
            node = bits.Next() ? right : left;
        }

        return node._value ?? throw new InvalidDataException("An entitlement's tree has an empty leaf.");
    }
}
