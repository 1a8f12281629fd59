using Microsoft.AspNetCore.Builder;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;

namespace Pulp.PluginSdk.Tests;

/// <summary>Routes that want to be among the API's operations, which have policies and a place in the document.</summary>
public sealed class RouteRefusalTests
{
    [TestCase("/pulp/api/v3/mine")]
    [TestCase("/pulp/api/v3")]
    [TestCase("/pulp")]
    [TestCase("/")]
    [TestCase("/x/../pulp/api/v3/")]
    [TestCase("//x")]
    public void Routes_mounted_where_the_apis_operations_are_stop_the_start(string mount) =>
        Assert.That(
            async () => await TestServer.StartAsync(Engine.Sqlite, extra: [new Intruder(mount)]),
            Throws.InvalidOperationException.With.Message.Contains("mounted")
        );

    private sealed class Intruder(string mount) : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("intruder", "1.0.0");

        public override void Configure(IPluginBuilder plugin) =>
            plugin.Routes(mount, new MountOptions(), routes => routes.MapGet("/more", () => "in"));
    }
}
