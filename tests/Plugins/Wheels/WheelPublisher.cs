using System.Text;
using Pulp.PluginSdk.Publishing;

namespace Pulp.TestPlugins.Wheels;

/// <summary>Writes a list of the wheels beside them.</summary>
internal sealed class WheelPublisher : Publisher<WheelPublication>
{
    public override async Task WriteAsync(
        WheelPublication publication,
        IPublicationWriter writer,
        CancellationToken cancellationToken
    )
    {
        writer.PassThrough();
        var names = new List<string>();
        await foreach (var unit in writer.ContentAsync<Wheel>(cancellationToken))
        {
            // Its metadata is a file of the unit too.
            if (unit.RelativePath == unit.Content.Filename)
            {
                names.Add(unit.RelativePath);
            }
        }

        var text = Encoding.UTF8.GetBytes(string.Join('\n', names));
        await writer.AddMetadataAsync(
            "names.txt",
            s => s.WriteAsync(text, cancellationToken).AsTask(),
            cancellationToken
        );
    }
}
