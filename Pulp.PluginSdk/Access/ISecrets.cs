using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Access;

/// <summary>
/// Encrypts texts with a key that isn't in the database and is the plugin's own: what one plugin seals another doesn't open. All
/// processes of an installation have the same key.
/// </summary>
/// <typeparam name="TPlugin">The plugin.</typeparam>
public interface ISecrets<TPlugin>
    where TPlugin : PulpPlugin
{
    /// <summary>Encrypts; twice the same text gives two different ones.</summary>
    /// <param name="plain">The secret.</param>
    string Seal(string plain);

    /// <summary>Decrypts.</summary>
    /// <param name="sealedText">What <see cref="Seal"/> answered.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">
    /// It isn't what this plugin sealed in this installation, or it was changed.
    /// </exception>
    string Open(string sealedText);

    /// <summary>
    /// A code (HMAC-SHA-256, 32 bytes) that nobody else can make: the same for the same data in all processes of the installation. It
    /// tells that something which comes back, such as an id, was given out by this plugin.
    /// </summary>
    /// <param name="data">The data.</param>
    byte[] Mac(ReadOnlySpan<byte> data);
}
