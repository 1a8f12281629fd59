using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Platform.Data;

/// <summary>Encrypts secrets for the database with a key that isn't in it (AES-256-GCM, random nonce).</summary>
internal sealed class SecretBox(byte[] key) : IDisposable
{
    private const string Prefix = "v1:";
    private readonly AesGcm _cipher = new(key, AesGcm.TagByteSizes.MaxSize);

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    /// <summary>A key for something else than encrypting, which tells nothing of this one.</summary>
    public byte[] KeyFor(string purpose) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(purpose));

    public string Seal(string plain)
    {
        var text = Encoding.UTF8.GetBytes(plain);
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var sealedText = new byte[text.Length];
        lock (_cipher)
        {
            _cipher.Encrypt(nonce, text, sealedText, tag);
        }

        return Prefix + Convert.ToBase64String([.. nonce, .. tag, .. sealedText]);
    }

    /// <exception cref="CryptographicException">The key is not the one it was sealed with, or it was never sealed.</exception>
    public string Open(string stored)
    {
        if (!stored.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new CryptographicException("A stored secret is not readable.");
        }

        var nonceEnd = AesGcm.NonceByteSizes.MaxSize;
        var tagEnd = nonceEnd + AesGcm.TagByteSizes.MaxSize;
        var buffer = new byte[stored.Length];
        if (!Convert.TryFromBase64String(stored[Prefix.Length..], buffer, out var length) || length < tagEnd)
        {
            throw new CryptographicException("A stored secret is not readable.");
        }

        var bytes = buffer.AsSpan(0, length);
        var plain = new byte[length - tagEnd];
        lock (_cipher)
        {
            _cipher.Decrypt(bytes[..nonceEnd], bytes[tagEnd..], bytes[nonceEnd..tagEnd], plain);
        }

        return Encoding.UTF8.GetString(plain);
    }

    public void Dispose() => _cipher.Dispose();
}
