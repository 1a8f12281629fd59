namespace PulpPython.Tests;

/// <summary>The python plugin passes what every plugin has to.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PythonConformanceTests(Engine engine) : PluginConformance(engine)
{
    protected override string Label => "python";

    protected override async Task<IReadOnlyList<ResourceSample>> SamplesAsync()
    {
        var name = PulpClient.Unique();
        var package = TestPackage.Wheel(name, "1.0");
        var repository = (await Api.PostAsync("repositories/python/python/", new { name = PulpClient.Unique() })).Href;
        var wheel = (
            await Api.UploadAsync(
                "content/python/packages/upload/",
                package.Bytes,
                new { relative_path = package.Filename }
            )
        ).Href;
        var provenance = Encoding.UTF8.GetBytes(
            $$"""{"version":1,"attestation_bundles":[{"publisher":{"kind":"Test","claims":"{{name}}"},"attestations":[{{TestAttestation.Of(package)}}]}]}"""
        );
        var other = TestPackage.Source(name, "2.0");
        return
        [
            new("content/python/packages/", new { relative_path = other.Filename }) { File = other.Bytes },
            new("content/python/provenance/", new { package = wheel }) { File = provenance },
            new("remotes/python/python/", new { name, url = "https://pypi.example.com/" })
            {
                Change = new { policy = "streamed", includes = new[] { "a>1" } },
            },
            new("repositories/python/python/", new { name }) { Change = new { allow_package_substitution = false } },
            new("publications/python/pypi/", new { repository }),
            new("distributions/python/pypi/", new { name, base_path = name })
            {
                Change = new { allow_uploads = false },
            },
        ];
    }
}
