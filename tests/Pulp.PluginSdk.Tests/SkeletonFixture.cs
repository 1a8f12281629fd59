using Pulp.PluginSdk.Plugin;
using Pulp.TestPlugins.Images;
using Pulp.TestPlugins.Wheels;

namespace Pulp.PluginSdk.Tests;

/// <summary>A server with the outlines of a plugin for Python packages and one for container images.</summary>
public abstract class SkeletonFixture(Engine engine) : ApiFixture(engine)
{
    protected override IReadOnlyList<PulpPlugin> Plugins => [new ImagesPlugin(), new WheelsPlugin()];
}
