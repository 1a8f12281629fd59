using NUnit.Framework;

namespace Pulp.PluginSdk.Testing;

/// <summary>
/// A server as a process of its own with a plugin in its folder, on one database engine, and an upstream for each test. A
/// subclass says <c>[TestFixtureSource(typeof(Engines), nameof(Engines.All))]</c>, to run on every engine.
/// </summary>
/// <param name="engine">The engine.</param>
public abstract class PluginFixture(Engine engine)
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pulp-plugin-").FullName;
    private string _database = "";
    private ServerProcess? _server;
    private FakeUpstream? _upstream;

    /// <summary>
    /// The folders of the plugins: what <c>PULP_TEST_PLUGIN</c> says, else the test project's property <c>PulpPluginFolder</c>. A
    /// plugin's build output is such a folder.
    /// </summary>
    protected virtual Task<IReadOnlyList<string>> PluginFoldersAsync() =>
        Task.FromResult<IReadOnlyList<string>>(
            TestSetting.Of("PULP_TEST_PLUGIN", "Pulp.Testing.PluginFolder") is { } folder ? [folder] : []
        );

    /// <summary>The engine it runs on.</summary>
    protected Engine Engine => engine;

    /// <summary>The server.</summary>
    protected ServerProcess Server => _server ?? throw new InvalidOperationException("The server isn't started.");

    /// <summary>Its API, as <c>admin</c>.</summary>
    protected PulpClient Api => Server.Api;

    /// <summary>A web server whose files the test decides; empty at the beginning of each test.</summary>
    protected FakeUpstream Upstream => _upstream ?? throw new InvalidOperationException("The upstream isn't started.");

    /// <summary>Options that every command of the server takes here.</summary>
    protected IReadOnlyList<string> Options =>
        ["--data-dir", DataDir, "--database", _database, "--plugin-dir", PluginDir];

    private string DataDir => Path.Combine(_directory, "data");

    private string PluginDir => Path.Combine(_directory, "plugins");

    /// <summary>Starts the server.</summary>
    [OneTimeSetUp]
    public async Task StartServerAsync()
    {
        Directory.CreateDirectory(PluginDir);
        foreach (var (i, folder) in (await PluginFoldersAsync()).Index())
        {
            Directory.CreateSymbolicLink(Path.Combine(PluginDir, $"plugin{i}"), Path.GetFullPath(folder));
        }

        _database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        await ServeAsync();
    }

    /// <summary>Starts the upstream.</summary>
    [SetUp]
    public async Task StartUpstreamAsync() => _upstream = await FakeUpstream.StartAsync();

    /// <summary>Stops the upstream.</summary>
    [TearDown]
    public async Task StopUpstreamAsync()
    {
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }
    }

    /// <summary>Stops the server and removes what it kept.</summary>
    [OneTimeTearDown]
    public async Task StopServerAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Stops the server, does something, and starts it again on the same data.</summary>
    /// <param name="between">What to do while it is down.</param>
    protected async Task RestartAsync(Func<Task> between)
    {
        ArgumentNullException.ThrowIfNull(between);
        Assert.That(await Server.TerminateAsync(), Is.Zero, "the server's exit code");
        await Server.DisposeAsync();
        await between();
        await ServeAsync();
    }

    private async Task ServeAsync() =>
        _server = await ServerProcess.ServeAsync(DataDir, _database, "--plugin-dir", PluginDir);
}
