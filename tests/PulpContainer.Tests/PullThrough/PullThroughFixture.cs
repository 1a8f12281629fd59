namespace PulpContainer.Tests.PullThrough;

/// <summary>Caches of a registry whose images and faults the test decides.</summary>
public abstract class PullThroughFixture(Engine engine) : RegistryFixture(engine)
{
    private FakeRegistry? _registry;

    protected FakeRegistry Registry => _registry ?? throw new InvalidOperationException("The registry isn't there.");

    [SetUp]
    public void MakeRegistry() => _registry = new FakeRegistry(Upstream);

    /// <summary>A cache, by the two requests that it takes; answers its base path.</summary>
    protected async Task<string> NewCacheAsync(object? remote = null, TestServer? server = null)
    {
        var api = (server ?? Server).Api;
        var name = PulpClient.Unique();
        var made = await api.PostAsync(
            "remotes/container/pull-through/",
            PulpClient.Merge(
                new
                {
                    name,
                    url = Registry.Url,
                    max_retries = 0,
                },
                remote
            )
        );
        await api.CompletedAsync(
            await api.PostAsync(
                "distributions/container/pull-through/",
                new
                {
                    name,
                    base_path = name,
                    remote = made.Href,
                }
            )
        );
        return name;
    }
}
