using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Plugin;
using PulpPython.Vulnerabilities;

namespace PulpPython.Tests.Vulnerabilities;

/// <summary>Scans of versions for known vulnerabilities, from a service and from a file.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ScanTests(Engine engine) : PythonFixture(engine)
{
    /// <summary>In the test's own context, so that it can change the settings.</summary>
    protected override IReadOnlyList<PulpPlugin> Plugins => [new PythonPlugin()];

    protected override void Configure(PulpSettings settings) => settings.DisabledPlugins = ["python"];

    private static string Advisory(string id, string project, string affected) =>
        $$"""{"id":"{{id}}","affected":[{"package":{"name":"{{project}}","ecosystem":"PyPI"},{{affected}}}]}""";

    private async Task<JsonNode> ScanAsync(string version) =>
        await Api.EndOfAsync((await Api.PostAsync(version + "scan/")).Task);

    private async Task<string> ScannedVersionAsync(string name)
    {
        var (repository, _) = await NewIndexAsync();
        await AddAsync(
            repository,
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Source(name, "1.0"),
            TestPackage.Wheel(name, "1.4.1"),
            TestPackage.Wheel(name, "2.0")
        );
        return repository + "versions/1/";
    }

    /// <summary>The ids that are reported of each release.</summary>
    private async Task<string[]> ReportedAsync(string version)
    {
        var reported = new List<string>();
        foreach (var report in (await Api.GetAsync($"vuln_report/?repo_versions={version}")).Results)
        {
            var unit = (await Api.GetAsync((string?)report["content"] ?? "")).Json;
            Assert.That((string?)unit?["vuln_report"], Is.EqualTo((string?)report["pulp_href"]));
            reported.AddRange((report["vulns"]?.AsArray() ?? []).Select(v => $"{unit?["version"]} {v?["id"]}"));
        }

        return [.. reported.Order(StringComparer.Ordinal)];
    }

    [Test]
    public async Task A_local_file_tells_which_releases_are_affected()
    {
        var name = "Scan_" + PulpClient.Unique();
        var version = await ScannedVersionAsync(name);
        var file = Path.Combine(Server.Settings.DataDir, "osv.json");
        await File.WriteAllTextAsync(
            file,
            $"""
            [{Advisory(
                "RANGE",
                name.ToUpperInvariant(),
                """ "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.4"},{"introduced":"1.4.1"},{"last_affected":"1.4.1"}]}] """
            )},
             {Advisory("NAMED", name, """ "versions":["2.0.0","9"] """)},
             {Advisory("OTHER", "something-else", """ "versions":["1.0"] """)}]
            """
        );
        Server.Services.GetRequiredService<OsvSettings>().OsvUrl = file;

        var task = await ScanAsync(version);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That((string?)task["name"], Is.EqualTo("pulpcore.app.tasks.vulnerability_report.check_content"));
            Assert.That(
                await ReportedAsync(version),
                Is.EqualTo(new[] { "1.0 RANGE", "1.0 RANGE", "1.4.1 RANGE", "2.0 NAMED" })
            );
        });
    }

    [Test]
    public async Task A_service_is_asked_for_each_release_and_what_it_says_now_counts()
    {
        var version = await ScannedVersionAsync("scan-" + PulpClient.Unique());
        var settings = Server.Services.GetRequiredService<OsvSettings>();
        settings.OsvUrl = Upstream.Url + "/v1/query";
        Upstream.With("v1/query", """{"vulns":[{"id":"FIRST"}]}""");
        await ScanAsync(version);
        Upstream.With("v1/query", """{}""");

        var again = await ScanAsync(version);

        Assert.That((string?)again["state"], Is.EqualTo("completed"), again.ToJsonString());
        Assert.That(await ReportedAsync(version), Is.Empty);
        var reports = (await Api.GetAsync($"vuln_report/?repo_versions={version}")).Results;
        Assert.That(reports, Has.Count.EqualTo(4));
        var deleted = await Api.DeleteAsync((string?)reports[0]["pulp_href"] ?? "");
        Assert.That(deleted.Code, Is.EqualTo(204));
    }

    [TestCase("/nowhere/osv.json")]
    [TestCase("http://127.0.0.1:9/v1/query")]
    public async Task A_source_that_cannot_be_had_fails_the_scan(string source)
    {
        var version = await ScannedVersionAsync("scan-" + PulpClient.Unique());
        Server.Services.GetRequiredService<OsvSettings>().OsvUrl = source;

        var task = await ScanAsync(version);

        Assert.That((string?)task["state"], Is.EqualTo("failed"));
        Assert.That((string?)task["error"]?["description"], Does.Contain(source.Split('/')[2]));
    }
}
