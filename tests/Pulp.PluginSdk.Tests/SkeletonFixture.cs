using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Plugin;
using Pulp.TestPlugins.Images;
using Pulp.TestPlugins.Wheels;

namespace Pulp.PluginSdk.Tests;

/// <summary>A server with the outlines of a plugin for Python packages and one for container images.</summary>
public abstract class SkeletonFixture(Engine engine) : ApiFixture(engine)
{
    protected override IReadOnlyList<PulpPlugin> Plugins => [new ImagesPlugin(), new WheelsPlugin()];

    /// <summary>Both the outline and the real plugin for images are at <c>/v2/</c>.</summary>
    protected override void Configure(PulpSettings settings) => settings.DisabledPlugins = ["container"];
}
