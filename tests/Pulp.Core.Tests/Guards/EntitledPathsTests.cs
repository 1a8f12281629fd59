using System.Formats.Asn1;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NUnit.Framework;
using Pulp.Core.Guards;

namespace Pulp.Core.Tests.Guards;

/// <summary>The paths in certificates of Red Hat's subscription management.</summary>
public sealed class EntitledPathsTests
{
    private const string Root = "1.3.6.1.4.1.2312.9";

    private static EntitledPaths? Read(params (string Oid, byte[] Value)[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=entitlement", key, HashAlgorithmName.SHA256);
        foreach (var (oid, value) in extensions)
        {
            request.CertificateExtensions.Add(new X509Extension(oid, value, critical: false));
        }

        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(90)
        );
        return EntitledPaths.Read(certificate);
    }

    private static byte[] Text(string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.UTF8String, text);
        return writer.Encode();
    }

    private static byte[] Octets(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(bytes);
        return writer.Encode();
    }

    [TestCase("content/dist/rhel/9/os/repomd.xml", true)]
    [TestCase("content/dist/rhel/8/os", true)]
    [TestCase("//content//dist/rhel/9/os/a/b", true)]
    [TestCase("content/dist/rhel/9/source", false)]
    [TestCase("content/dist/rhel/9", false)]
    [TestCase("content/dist/rhel/9/osx/a", false)]
    [TestCase("content/beta", true)]
    [TestCase("content/betamax", false)]
    [TestCase("", false)]
    public void An_old_one_names_its_paths_one_by_one(string path, bool expected)
    {
        var paths = Read(
            ($"{Root}.4.1", Text("an order")),
            ($"{Root}.2.17.1.6", Text("/content/dist/rhel/$releasever/os")),
            ($"{Root}.2.18.1.6", Text("/content/beta/")),
            ($"{Root}.2.19.1.6", Text("/")),
            ($"{Root}.2.19.1.7", Text("/content/dist"))
        );

        Assert.That(paths?.Hold(path), Is.EqualTo(expected));
    }

    [Test]
    public void One_without_an_order_entitles_to_nothing() =>
        Assert.That(Read(($"{Root}.2.17.1.6", Text("/content")))?.Hold("content/a"), Is.Not.True);

    /// <summary>
    /// The words <c>a</c>, <c>$v</c>, <c>b</c> and the empty one, of weights 1 to 4: <c>a</c> and <c>$v</c> make 3, that and <c>b</c>
    /// make 6, of two threes the older one is lighter. The nodes 1 to 3 of weights 1 to 3: 1 and 2 make 3, and 3 is older.
    /// </summary>
    private static byte[] Packed(string bits, string words = "a\0$v\0b\0", int count = 4)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(Encoding.UTF8.GetBytes(words));
        }

        packed.WriteByte((byte)count);
        foreach (var eight in bits.Replace(" ", "", StringComparison.Ordinal).Chunk(8))
        {
            packed.WriteByte(Convert.ToByte(new string(eight).PadRight(8, '0'), 2));
        }

        return packed.ToArray();
    }

    private const string Empty = "0";
    private const string A = "110";
    private const string Any = "111";
    private const string B = "10";
    private const string Node1 = "10";
    private const string Node2 = "11";
    private const string Node3 = "0";

    [TestCase("a/1/b", true)]
    [TestCase("a/2/b/c", true)]
    [TestCase("a/1", false)]
    [TestCase("a/1/c", false)]
    [TestCase("b", true)]
    [TestCase("b/anything", true)]
    [TestCase("c", false)]
    [TestCase("", false)]
    public void A_new_one_has_them_packed(string path, bool expected)
    {
        // 0: a -> 1, b -> 3; 1: $v -> 2; 2: b -> 3; 3 is an end.
        var bits = A + Node1 + B + Node3 + Empty + Any + Node2 + Empty + B + Node3 + Empty + Empty;
        var paths = Read(($"{Root}.6", Text("3.4")), ($"{Root}.7", Octets(Packed(bits))));

        Assert.That(paths?.Hold(path), Is.EqualTo(expected));
    }

    [Test]
    public void Damaged_ones_entitle_to_nothing()
    {
        byte[][] damaged =
        [
            [],
            [1, 2, 3],
            Packed(A + Node1),
            Packed(A + Node1 + A + Node1 + Empty),
            Packed("", count: 0),
            Packed("0", count: 1),
            Packed("0000"),
            Packed("", words: "", count: 4),
        ];

        Assert.That(
            damaged.Select(d => Read(($"{Root}.6", Text("3.0")), ($"{Root}.7", Octets(d)))?.Hold("a/1/b")),
            Has.None.True
        );
    }
}
