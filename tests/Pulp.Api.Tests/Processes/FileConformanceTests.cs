namespace Pulp.Api.Tests.Processes;

/// <summary>The file plugin passes what every plugin has to.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FileConformanceTests(Engine engine) : PluginConformance(engine)
{
    protected override string Label => "file";

    protected override async Task<IReadOnlyList<ResourceSample>> SamplesAsync()
    {
        var name = PulpClient.Unique();
        var repository = await Api.NewRepositoryAsync();
        var remote = await Api.NewRemoteAsync(Upstream.Manifest, "on_demand");
        return
        [
            new("content/file/files/", new { relative_path = name }) { File = Encoding.UTF8.GetBytes(name) },
            new("remotes/file/file/", new { name, url = Upstream.Manifest }) { Change = new { policy = "streamed" } },
            new("repositories/file/file/", new { name }) { Change = new { autopublish = true } },
            new("publications/file/file/", new { repository }),
            new("distributions/file/file/", new { name, base_path = name }) { Change = new { hidden = true } },
            new("acs/file/file/", new { name, remote }) { Change = new { name = name + "-changed" } },
        ];
    }
}
