namespace Pulp.PluginSdk.Tests.Packages;

/// <summary>A plugin that was built outside the repository works in the server, and passes what every plugin has to.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OutsidePluginTests(Engine engine) : PluginConformance(engine)
{
    protected override string Label => "cards";

    protected override async Task<IReadOnlyList<string>> PluginFoldersAsync() => [await OutsidePlugin.BuiltAsync()];

    protected override Task<IReadOnlyList<ResourceSample>> SamplesAsync()
    {
        var name = PulpClient.Unique();
        return Task.FromResult<IReadOnlyList<ResourceSample>>([
            new("remotes/cards/card/", new { name, url = "http://localhost/" })
            {
                Change = new { url = "http://127.0.0.1/" },
            },
            new("repositories/cards/card/", new { name }) { Change = new { description = "Cards." } },
            new("contentguards/cards/player/", new { name, player = "anna" }) { Change = new { player = "bob" } },
            new("distributions/cards/card/", new { name, base_path = name }) { Change = new { hidden = true } },
        ]);
    }

    [Test]
    public async Task It_uses_a_package_that_the_server_does_not_have()
    {
        var answer = await Api.GetAsync("/cards/fallbacks");

        Assert.That(answer.Json?.ToJsonString(), Is.EqualTo("""["clubs"]"""), answer.Text);
    }

    [Test]
    public async Task Its_settings_have_names_without_its_label_and_are_checked()
    {
        var settings = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{PulpClient.Unique()}.json");
        await File.WriteAllTextAsync(settings, """{"DECK_SIZE": 0}""");

        var (code, _, errors) = await ServerProcess.RunAsync(["check", "--settings", settings, .. Options]);
        File.Delete(settings);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(errors, Does.Contain("DECK_SIZE: There is no card."));
        });
    }

    [Test]
    public async Task Its_folder_holds_its_manifest_and_not_the_SDK()
    {
        var folder = await OutsidePlugin.BuiltAsync();
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "plugin.json")));

        Assert.Multiple(() =>
        {
            Assert.That(File.Exists(Path.Combine(folder, "Pulp.PluginSdk.dll")), Is.False);
            Assert.That((string?)manifest?["label"], Is.EqualTo("cards"));
            Assert.That((string?)manifest?["version"], Is.EqualTo("1.2.3"));
            Assert.That((string?)manifest?["assembly"], Is.EqualTo("Cards.dll"));
        });
    }
}
