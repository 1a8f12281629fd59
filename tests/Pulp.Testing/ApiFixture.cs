using NUnit.Framework;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Testing;

namespace Pulp.Testing;

/// <summary>A server and an upstream for a fixture, on one database engine. Subclasses run on every engine.</summary>
public abstract class ApiFixture(Engine engine)
{
    private TestServer? _server;
    private FakeUpstream? _upstream;

    protected Engine Engine => engine;

    protected TestServer Server => _server ?? throw new InvalidOperationException("The server isn't started.");

    protected FakeUpstream Upstream => _upstream ?? throw new InvalidOperationException("The upstream isn't started.");

    protected PulpClient Api => Server.Api;

    [OneTimeSetUp]
    public async Task StartServerAsync()
    {
        _server = await TestServer.StartAsync(engine, Configure, Plugins, Clock);
    }

    [SetUp]
    public async Task StartUpstreamAsync() => _upstream = await FakeUpstream.StartAsync();

    [TearDown]
    public async Task StopUpstreamAsync()
    {
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }
    }

    [OneTimeTearDown]
    public async Task StopServerAsync()
    {
        if (_server is not null)
        {
            var data = _server.Settings.DataDir;
            await _server.DisposeAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>The server's clock, where a test has to move it.</summary>
    protected virtual TimeProvider? Clock => null;

    /// <summary>Plugins beside those that are loaded from their folders.</summary>
    protected virtual IReadOnlyList<PulpPlugin> Plugins => [];

    protected virtual void Configure(Pulp.Core.Platform.Settings.PulpSettings settings) { }

    /// <summary>A repository synced from the upstream as it is now.</summary>
    protected async Task<(string Repository, string Remote)> SyncedAsync(
        string policy = "immediate",
        object? remote = null
    )
    {
        var source = await Api.NewRemoteAsync(Upstream.Manifest, policy, remote);
        var repository = await Api.NewRepositoryAsync(new { remote = source });
        var task = await Api.SyncAsync(repository, source);
        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
        return (repository, source);
    }
}
