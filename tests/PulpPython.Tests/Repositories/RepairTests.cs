using PulpPython.Tests.Sync;

namespace PulpPython.Tests.Repositories;

/// <summary>Packages whose files aren't here are repaired by what their index says.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RepairTests(Engine engine) : IndexFixture(engine)
{
    private async Task<(string Repository, TestPackage Package)> ListedAsync()
    {
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(package);
        var remote = await NewRemoteAsync(new { policy = "on_demand" });
        var repository = await NewRepositoryAsync(new { remote });
        Completed(await SyncAsync(repository, remote));
        await Server.ExecuteAsync(
            $"update python_pythonpackagecontent set summary = 'x', requires_dist = '[]' where sha256 = '{package.Sha256}'"
        );
        return (repository, package);
    }

    private void Says(TestPackage package, string version) =>
        Upstream.With(
            $"pypi/{package.Project}/1.0/json",
            $$"""{"info":{"name":"{{package.Project}}","version":"{{version}}","summary":"right","requires_dist":["tea"]},"urls":[]}"""
        );

    private async Task<JsonNode> RepairAsync(string repository) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "repair_metadata/")).Task);

    [Test]
    public async Task The_index_is_asked_for_the_release()
    {
        var (repository, package) = await ListedAsync();
        Says(package, "1.0");

        var task = await RepairAsync(repository);

        Completed(task);
        var unit = (await PackagesAsync(repository)).Single();
        Assert.Multiple(() =>
        {
            Assert.That((string?)unit["summary"], Is.EqualTo("right"));
            Assert.That((string?)unit["requires_dist"], Is.EqualTo("""["tea"]"""));
            Assert.That((string?)unit["sha256"], Is.EqualTo(package.Sha256));
            Assert.That((string?)unit["requires_python"], Is.EqualTo(">=3.6"));
            Assert.That(Warnings(task, "repair.not_known"), Is.Empty);
        });
    }

    [TestCase("2.0")]
    [TestCase("")]
    public async Task An_index_that_does_not_know_it_changes_nothing_and_is_told(string version)
    {
        var (repository, package) = await ListedAsync();
        if (version.Length > 0)
        {
            Says(package, version);
        }

        var task = await RepairAsync(repository);

        Completed(task);
        Assert.That((string?)(await PackagesAsync(repository)).Single()["summary"], Is.EqualTo("x"));
        Assert.That(Warnings(task, "repair.not_known"), Has.Count.EqualTo(1));
    }
}
