using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pulp.Core.Platform.Storage;

/// <summary>The digests of a file, hex, by algorithm.</summary>
internal sealed record Digests(
    string Sha256,
    string? Md5 = null,
    string? Sha1 = null,
    string? Sha224 = null,
    string? Sha384 = null,
    string? Sha512 = null
)
{
    /// <summary>Every algorithm the wire knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

    /// <summary>The columns of tables that hold them, in this order.</summary>
    public static IReadOnlyList<BulkColumn> Columns { get; } =
    [.. Names.Select(name => new BulkColumn(name, ColumnType.Text))];

    public string? this[string name] =>
        name switch
        {
            "md5" => Md5,
            "sha1" => Sha1,
            "sha224" => Sha224,
            "sha256" => Sha256,
            "sha384" => Sha384,
            "sha512" => Sha512,
            _ => null,
        };
}

/// <summary>Computes the allowed digests of a stream while it is copied.</summary>
internal sealed partial class DigestSet : IDisposable
{
    private readonly List<(string Name, IHash Hash)> _hashes = [];

    public DigestSet(IReadOnlyCollection<string> allowed)
    {
        foreach (var name in Digests.Names.Where(allowed.Contains))
        {
            _hashes.Add((name, name == "sha224" ? new Sha224() : new FrameworkHash(AlgorithmOf(name))));
        }
    }

    /// <summary>All digests of what is in memory: cheaper than piece by piece.</summary>
    public static Digests Of(ReadOnlySpan<byte> data, IReadOnlyCollection<string> allowed)
    {
        return new Digests(
            Hex(SHA256.HashData(data)),
            allowed.Contains("md5") ? Hex(Md5(data)) : null,
            allowed.Contains("sha1") ? Hex(Sha1(data)) : null,
            allowed.Contains("sha224") ? Hex(Sha224.HashData(data)) : null,
            allowed.Contains("sha384") ? Hex(SHA384.HashData(data)) : null,
            allowed.Contains("sha512") ? Hex(SHA512.HashData(data)) : null
        );

        static string Hex(byte[] digest) => Convert.ToHexStringLower(digest);

#pragma warning disable CA5350, CA5351 // Part of the wire; the settings say whether they are wanted.
        static byte[] Md5(ReadOnlySpan<byte> bytes) => MD5.HashData(bytes);

        static byte[] Sha1(ReadOnlySpan<byte> bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350, CA5351
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        foreach (var (_, hash) in _hashes)
        {
            hash.Append(data);
        }
    }

    public Digests Finish()
    {
        var all = _hashes.ToDictionary(
            h => h.Name,
            h => Convert.ToHexStringLower(h.Hash.Finish()),
            StringComparer.Ordinal
        );
        return new Digests(
            all["sha256"],
            all.GetValueOrDefault("md5"),
            all.GetValueOrDefault("sha1"),
            all.GetValueOrDefault("sha224"),
            all.GetValueOrDefault("sha384"),
            all.GetValueOrDefault("sha512")
        );
    }

    public void Dispose() => _hashes.ForEach(h => h.Hash.Dispose());

    private static HashAlgorithmName AlgorithmOf(string name) =>
        name switch
        {
            "md5" => HashAlgorithmName.MD5,
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            "sha384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };

    private interface IHash : IDisposable
    {
        void Append(ReadOnlySpan<byte> data);

        byte[] Finish();
    }

    private sealed class FrameworkHash(HashAlgorithmName name) : IHash
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(name);

        public void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

        public byte[] Finish() => _hash.GetHashAndReset();

        public void Dispose() => _hash.Dispose();
    }

    /// <summary>.NET has no SHA-224; the OpenSSL that it uses for the others does.</summary>
    private sealed partial class Sha224 : IHash
    {
        private nint _context = EVP_MD_CTX_new();

        public Sha224()
        {
            if (_context == 0 || EVP_DigestInit_ex(_context, EVP_sha224(), 0) != 1)
            {
                throw new CryptographicException("OpenSSL offers no SHA-224.");
            }
        }

        public static byte[] HashData(ReadOnlySpan<byte> data)
        {
            var digest = new byte[28];
            return
                EVP_Digest(ref MemoryMarshal.GetReference(data), (nuint)data.Length, ref digest[0], 0, EVP_sha224(), 0)
                == 1
                ? digest
                : throw new CryptographicException("SHA-224 failed.");
        }

        public void Append(ReadOnlySpan<byte> data)
        {
            if (EVP_DigestUpdate(_context, ref MemoryMarshal.GetReference(data), (nuint)data.Length) != 1)
            {
                throw new CryptographicException("SHA-224 failed.");
            }
        }

        public byte[] Finish()
        {
            var digest = new byte[28];
            return EVP_DigestFinal_ex(_context, ref digest[0], 0) == 1
                ? digest
                : throw new CryptographicException("SHA-224 failed.");
        }

        public void Dispose()
        {
            if (_context != 0)
            {
                EVP_MD_CTX_free(_context);
                _context = 0;
            }
        }

        [LibraryImport("libcrypto.so.3")]
        private static partial int EVP_Digest(
            ref byte data,
            nuint length,
            ref byte digest,
            nint size,
            nint type,
            nint engine
        );

        [LibraryImport("libcrypto.so.3")]
        private static partial nint EVP_MD_CTX_new();

        [LibraryImport("libcrypto.so.3")]
        private static partial void EVP_MD_CTX_free(nint context);

        [LibraryImport("libcrypto.so.3")]
        private static partial nint EVP_sha224();

        [LibraryImport("libcrypto.so.3")]
        private static partial int EVP_DigestInit_ex(nint context, nint type, nint engine);

        [LibraryImport("libcrypto.so.3")]
        private static partial int EVP_DigestUpdate(nint context, ref byte data, nuint length);

        [LibraryImport("libcrypto.so.3")]
        private static partial int EVP_DigestFinal_ex(nint context, ref byte digest, nint length);
    }
}
