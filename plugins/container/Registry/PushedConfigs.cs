using Pulp.PluginSdk.Files;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>
/// What the configurations of images tell that were pushed lately: the manifest that names one mostly comes right behind it. A digest
/// says what a configuration is, whichever repository has it.
/// </summary>
internal sealed class PushedConfigs
{
    /// <summary>Most configurations are smaller.</summary>
    private const int MostBytes = 16 * 1024;

    private readonly LatelyKnown<string, ImageConfig> _known = new(most: 256);

    public ImageConfig? Find(string digest) => _known.TryGet(digest, out var config) ? config : null;

    /// <summary>Reads a blob that might be a configuration.</summary>
    public async ValueTask LookAtAsync(Digest digest, StagedFile file, CancellationToken cancellationToken)
    {
        if (file.Size is 0 or > MostBytes)
        {
            return;
        }

        await using var body = file.OpenRead();
        if (body.ReadByte() == '{')
        {
            body.Position = 0;
            _known.Add(digest.ToString(), await ImageConfig.ReadAsync(body, cancellationToken));
        }
    }
}
