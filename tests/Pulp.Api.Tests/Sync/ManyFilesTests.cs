using System.Security.Cryptography;

namespace Pulp.Api.Tests.Sync;

/// <summary>More files than one batch of the pipeline holds.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ManyFilesTests(Engine engine) : ApiFixture(engine)
{
    private const int Many = 5_000;

    private static string Lines(IEnumerable<int> numbers) =>
        string.Concat(
            numbers.Select(i =>
                $"d{i % 7}/f{i:D5},{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"many {i}")))},{$"many {i}".Length}\n"
            )
        );

    [Test]
    public async Task A_large_manifest_is_synced_and_then_mirrored_with_exact_counts()
    {
        Upstream.With("PULP_MANIFEST", Lines(Enumerable.Range(0, Many)));
        var (repository, remote) = await SyncedAsync("on_demand");
        Upstream.With("PULP_MANIFEST", Lines(Enumerable.Range(50, Many)));

        var task = await Api.SyncAsync(repository, remote, mirror: true);

        var summary = (await Api.GetAsync(await Api.LatestAsync(repository))).Json?["content_summary"];
        var page = await Api.GetAsync(
            $"content/file/files/?limit=10&offset={Many - 5}&repository_version={await Api.LatestAsync(repository)}"
        );
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That((int?)summary?["added"]?["file.file"]?["count"], Is.EqualTo(50));
            Assert.That((int?)summary?["removed"]?["file.file"]?["count"], Is.EqualTo(50));
            Assert.That((int?)summary?["present"]?["file.file"]?["count"], Is.EqualTo(Many));
            Assert.That(page.Results, Has.Count.EqualTo(5));
            Assert.That((int?)page.Json?["count"], Is.EqualTo(Many));
        });
    }

    [Test]
    public async Task Pages_from_either_end_join_without_gap_or_overlap()
    {
        Upstream.With("PULP_MANIFEST", Lines(Enumerable.Range(0, Many)));
        var (repository, _) = await SyncedAsync("on_demand");
        var version = await Api.LatestAsync(repository);

        var seen = new List<string>();
        for (var offset = 0; offset < Many; offset += 900)
        {
            var page = await Api.GetAsync(
                $"content/file/files/?limit=900&offset={offset}&fields=pulp_href&repository_version={version}"
            );
            seen.AddRange(page.Results.Select(r => (string?)r["pulp_href"] ?? ""));
        }

        Assert.Multiple(() =>
        {
            Assert.That(seen, Has.Count.EqualTo(Many));
            Assert.That(seen, Is.Unique);
            Assert.That(seen, Is.Ordered.Descending);
        });
    }

    [Test]
    public async Task Syncs_of_the_same_units_at_once_store_each_once_and_both_have_all()
    {
        // Listed twice, far enough apart to come with two batches; and stored by two syncs at the same time.
        Upstream.With(
            "PULP_MANIFEST",
            Lines(Enumerable.Range(100_000, 12_000).Concat(Enumerable.Range(100_000, 3_000)))
        );
        var repositories = new List<string>();
        var tasks = new List<Answer>();
        for (var i = 0; i < 2; i++)
        {
            var remote = await Api.NewRemoteAsync(Upstream.Manifest, "on_demand");
            repositories.Add(await Api.NewRepositoryAsync(new { remote }));
        }

        foreach (var repository in repositories)
        {
            tasks.Add(await Api.PostAsync(repository + "sync/"));
        }

        foreach (var task in tasks)
        {
            await Api.CompletedAsync(task);
        }

        foreach (var repository in repositories)
        {
            var version = await Api.LatestAsync(repository);
            var list = await Api.GetAsync($"content/file/files/?limit=1&repository_version={version}");
            var found = await Api.GetAsync(
                $"content/file/files/?limit=1&repository_version={version}&relative_path__startswith=d"
            );
            Assert.Multiple(() =>
            {
                Assert.That((int?)list.Json?["count"], Is.EqualTo(12_000), "the summary");
                Assert.That((int?)found.Json?["count"], Is.EqualTo(12_000), "the rows");
            });
        }
    }
}
