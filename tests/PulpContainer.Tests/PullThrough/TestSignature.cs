using System.Buffers.Binary;

namespace PulpContainer.Tests.PullThrough;

/// <summary>Simple signatures that nobody made: what says who did isn't verified by registries.</summary>
public static class TestSignature
{
    private const byte Literal = 0x80 | (11 << 2) | 2;
    private const byte Signature = 0x80 | (2 << 2);

    /// <param name="digest">Of the manifest.</param>
    /// <param name="number">Each is of another key.</param>
    /// <param name="padding">As many bytes more.</param>
    public static byte[] Of(string digest, int number, int padding = 0)
    {
        var said = new JsonObject
        {
            ["critical"] = new JsonObject
            {
                ["type"] = "atomic container signature",
                ["identity"] = new JsonObject { ["docker-reference"] = "example.com/app" },
                ["image"] = new JsonObject { ["docker-manifest-digest"] = digest },
            },
            ["optional"] = new JsonObject { ["creator"] = "tests", ["padding"] = new string('x', padding) },
        };
        var contents = Encoding.UTF8.GetBytes(said.ToJsonString());
        byte[] literal = [(byte)'b', 0, 0, 0, 0, 0, .. contents];
        var (length, key) = (new byte[4], new byte[8]);
        BinaryPrimitives.WriteInt32BigEndian(length, literal.Length);
        BinaryPrimitives.WriteInt64BigEndian(key, number);
        // Version 3: its class, when it was made, and by which key.
        byte[] signature = [3, 5, 0, 0, 0, 0, 1, .. key];
        return [Literal, .. length, .. literal, Signature, (byte)signature.Length, .. signature];
    }
}
