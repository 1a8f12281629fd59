namespace PulpContainer.Tests;

/// <summary>The container plugin passes what every plugin has to.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ContainerConformanceTests(Engine engine) : PluginConformance(engine)
{
    protected override string Label => "container";

    protected override async Task<IReadOnlyList<ResourceSample>> SamplesAsync()
    {
        var name = PulpClient.Unique();
        const string Url = "https://registry.example.com";
        var through = (
            await Api.PostAsync("remotes/container/pull-through/", new { name = PulpClient.Unique(), url = Url })
        ).Href;
        return
        [
            new(
                "remotes/container/container/",
                new
                {
                    name,
                    url = Url,
                    upstream_name = "library/busybox",
                    includes = new[] { "1.*" },
                }
            )
            {
                Change = new { excludes = new[] { "*-rc" } },
            },
            new("remotes/container/pull-through/", new { name = name + "-registry", url = Url })
            {
                Change = new { includes = new[] { "library/*" } },
            },
            new("repositories/container/container/", new { name }) { Change = new { description = "Images" } },
            new("distributions/container/container/", new { name, base_path = $"{name}/app" })
            {
                Change = new Dictionary<string, object> { ["private"] = true },
            },
            new(
                "distributions/container/pull-through/",
                new
                {
                    name = name + "-through",
                    base_path = name + "-through",
                    remote = through,
                }
            )
            {
                Change = new { description = "A cache" },
            },
        ];
    }
}
