using System.Security.Cryptography;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>The secrets of one plugin, under a key made of the installation's and the plugin's label.</summary>
internal sealed class PluginSecrets<TPlugin>(SecretBox box, PluginCatalog plugins) : ISecrets<TPlugin>, IDisposable
    where TPlugin : PulpPlugin
{
    private readonly byte[] _macKey = box.KeyFor($"plugin {plugins.LabelOf(typeof(TPlugin))} mac");
    private readonly SecretBox _own = new(box.KeyFor($"plugin {plugins.LabelOf(typeof(TPlugin))}"));

    public string Seal(string plain) => _own.Seal(plain);

    public string Open(string sealedText) => _own.Open(sealedText);

    public byte[] Mac(ReadOnlySpan<byte> data) => HMACSHA256.HashData(_macKey, data);

    public void Dispose() => _own.Dispose();
}
