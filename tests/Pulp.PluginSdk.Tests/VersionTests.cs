using System.Security.Cryptography;

namespace Pulp.PluginSdk.Tests;

/// <summary>Versions that a plugin makes in its own protocol, beside the tasks.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class VersionTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task A_push_makes_a_version_with_all_that_it_refers_to()
    {
        var repository = await NewRepositoryAsync();
        var layers = new[] { await PushBlobAsync("one"), await PushBlobAsync("two") };

        var pushed = await PushAsync(repository, "latest", layers);

        var version = await Api.GetAsync($"{repository}versions/1/");
        Assert.Multiple(() =>
        {
            Assert.That((long?)pushed.Json?["version"], Is.EqualTo(1), pushed.Text);
            Assert.That(Present(version, "images.blob"), Is.EqualTo(2));
            Assert.That(Present(version, "images.manifest"), Is.EqualTo(1));
            Assert.That(Present(version, "images.tag"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Pushing_the_same_again_makes_no_version()
    {
        var repository = await NewRepositoryAsync();
        var layer = await PushBlobAsync("same");
        await PushAsync(repository, "latest", layer);

        var again = await PushAsync(repository, "latest", layer);

        Assert.Multiple(() =>
        {
            Assert.That(again.Code, Is.EqualTo(200), again.Text);
            Assert.That(again.Json?["version"], Is.Null);
        });
    }

    [Test]
    public async Task A_base_version_of_what_the_repository_can_not_hold_is_refused()
    {
        var images = await NewRepositoryAsync();
        await PushAsync(images, "latest", await PushBlobAsync("foreign"));
        var files = (await Api.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() })).Href;

        var refused = await Api.PostAsync(files + "modify/", new { base_version = $"{images}versions/1/" });

        Assert.That(
            (refused.Code, (string?)refused.Json?["base_version"]?[0]),
            Is.EqualTo((400, "This repository can't hold content of type 'images.blob'."))
                .Or.EqualTo((400, "This repository can't hold content of type 'images.manifest'."))
                .Or.EqualTo((400, "This repository can't hold content of type 'images.tag'.")),
            refused.Text
        );
    }

    [Test]
    public async Task Pushes_at_the_same_moment_lose_nothing_and_do_not_collide()
    {
        var repository = await NewRepositoryAsync();
        var layer = await PushBlobAsync("shared");

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => PushAsync(repository, $"tag-{i:00}", layer))
        );

        var tags = await Api.GetAsync($"/images/{IdOf(repository)}/tags");
        var latest = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => a.Code), Is.All.EqualTo(200));
            Assert.That(
                answers.Select(a => (long?)a.Json?["version"]).Order(),
                Is.EqualTo(Enumerable.Range(1, 20).Select(n => (long?)n))
            );
            Assert.That(
                tags.Json?["tags"]?.AsArray().Select(t => (string?)t).Order(),
                Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"tag-{i:00}"))
            );
            Assert.That(latest, Does.EndWith("/versions/20/"));
        });
    }

    [Test]
    public async Task A_removed_tag_takes_what_only_it_needed()
    {
        var repository = await NewRepositoryAsync();
        var shared = await PushBlobAsync("shared layer");
        await PushAsync(repository, "stays", shared);
        await PushAsync(repository, "goes", shared, await PushBlobAsync("layer of its own"));

        await Api.DeleteAsync($"/images/{IdOf(repository)}/manifests/goes");

        var version = await Api.GetAsync($"{repository}versions/3/");
        Assert.Multiple(() =>
        {
            Assert.That(Present(version, "images.blob"), Is.EqualTo(1), version.Text);
            Assert.That(Present(version, "images.manifest"), Is.EqualTo(1));
            Assert.That(Present(version, "images.tag"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_unit_that_is_still_referred_to_comes_back()
    {
        var repository = await NewRepositoryAsync();
        var (blob, digest) = await PushBlobAsync("needed");
        await PushAsync(repository, "latest", (blob, digest));

        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "modify/",
                new { remove_content_units = new[] { $"/pulp/api/v3/content/images/blobs/{blob}/" } }
            )
        );

        var latest = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        Assert.That(latest, Does.EndWith("/versions/1/"), "nothing has changed");
    }

    [Test]
    public async Task Copying_a_tag_copies_its_image()
    {
        var from = await NewRepositoryAsync();
        var to = await NewRepositoryAsync();
        await PushAsync(from, "latest", await PushBlobAsync("copied"));
        var tag = (await Api.GetAsync($"content/images/tags/?repository_version={from}versions/1/")).Results[0];

        await Api.CompletedAsync(
            await Api.PostAsync(to + "modify/", new { add_content_units = new[] { (string?)tag["pulp_href"] } })
        );

        var version = await Api.GetAsync($"{to}versions/1/");
        Assert.Multiple(() =>
        {
            Assert.That(Present(version, "images.blob"), Is.EqualTo(1));
            Assert.That(Present(version, "images.manifest"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_version_that_breaks_a_rule_is_refused_whoever_makes_it()
    {
        var repository = await NewRepositoryAsync(new { immutable_tags = true });
        var first = await PushBlobAsync("first");
        var second = await PushBlobAsync("second");
        await PushAsync(repository, "v1", first);
        var elsewhere = await NewRepositoryAsync();
        await PushAsync(elsewhere, "v1", second);
        var tag = (await Api.GetAsync($"content/images/tags/?repository_version={elsewhere}versions/1/")).Results[0];

        var pushed = await PushAsync(repository, "v1", second);
        var modified = await Api.EndOfAsync(
            (
                await Api.PostAsync(
                    repository + "modify/",
                    new { add_content_units = new[] { (string?)tag["pulp_href"] } }
                )
            ).Task
        );

        var latest = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        Assert.Multiple(() =>
        {
            Assert.That(pushed.Code, Is.EqualTo(409));
            Assert.That((string?)modified["state"], Is.EqualTo("failed"));
            Assert.That((string?)modified["error"]?["description"], Does.Contain("can't be moved"));
            Assert.That(latest, Does.EndWith("/versions/1/"));
        });
    }

    [Test]
    public async Task A_manifest_shows_its_blobs_and_they_are_no_orphans()
    {
        var repository = await NewRepositoryAsync();
        var (blob, digest) = await PushBlobAsync("protected");
        await PushAsync(repository, "latest", (blob, digest));
        await Api.DeleteAsync($"/images/{IdOf(repository)}/manifests/latest");
        await Api.CompletedAsync(await Api.DeleteAsync($"{repository}versions/0/"));
        var manifest = (
            await Api.GetAsync($"content/images/manifests/?repository_version={repository}versions/1/")
        ).Results[0];

        // The first version holds all of it; without it nothing does, and each goes behind what refers to it.
        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }));
        var held = await Api.GetAsync($"content/images/blobs/{blob}/");
        await Api.CompletedAsync(await Api.DeleteAsync($"{repository}versions/1/"));
        var cleaned = await Api.CompletedAsync(
            await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 })
        );
        var gone = await Api.GetAsync($"content/images/blobs/{blob}/");

        Assert.Multiple(() =>
        {
            Assert.That(
                manifest["blobs"]?.AsArray().Select(b => (string?)b),
                Is.EqualTo(new[] { $"/pulp/api/v3/content/images/blobs/{blob}/" })
            );
            Assert.That(held.Code, Is.EqualTo(200));
            Assert.That(gone.Code, Is.EqualTo(404), cleaned.ToJsonString());
        });
    }

    [Test]
    public async Task A_push_waits_for_a_task_that_has_the_repository_for_itself()
    {
        var repository = await NewRepositoryAsync();
        var layer = await PushBlobAsync("waits");
        var held = await Api.PostAsync($"/images/{IdOf(repository)}/hold");

        var push = PushAsync(repository, "latest", layer);
        var others = await PushAsync(await NewRepositoryAsync(), "latest", layer);
        var waits = !push.IsCompleted;
        await Api.PostAsync($"/images/{IdOf(repository)}/release");
        var pushed = await push;

        await Api.EndOfAsync($"/pulp/api/v3/tasks/{(string?)held.Json?["task"]}/");
        Assert.Multiple(() =>
        {
            Assert.That(others.Code, Is.EqualTo(200));
            Assert.That(waits, Is.True);
            Assert.That((long?)pushed.Json?["version"], Is.EqualTo(1), pushed.Text);
        });
    }

    [Test]
    public async Task A_file_whose_path_climbs_is_refused_and_nothing_of_it_is_kept()
    {
        var bytes = Encoding.UTF8.GetBytes("climbs");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));

        var answer = await Api.SendContentAsync(
            HttpMethod.Post,
            "/images/blobs?name=../../climbs",
            new ByteArrayContent(bytes)
        );

        var kept = await Api.GetAsync($"artifacts/?sha256={sha256}");
        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
            Assert.That(kept.Results, Is.Empty);
        });
    }

    private async Task<string> NewRepositoryAsync(object? more = null) =>
        (
            await Api.PostAsync(
                "repositories/images/image/",
                PulpClient.Merge(new { name = PulpClient.Unique() }, more)
            )
        ).Href;

    private static string IdOf(string href) => href.TrimEnd('/').Split('/')[^1];

    private static long? Present(Answer version, string type) =>
        (long?)version.Json?["content_summary"]?["present"]?[type]?["count"];

    private async Task<(Guid Id, string Digest)> PushBlobAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var answer = await Api.SendContentAsync(
            HttpMethod.Post,
            $"/images/blobs?sha256={sha256}",
            new ByteArrayContent(bytes)
        );
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
        return (Guid.Parse((string?)answer.Json?["id"] ?? ""), (string?)answer.Json?["digest"] ?? "");
    }

    private Task<Answer> PushAsync(string repository, string tag, params (Guid Id, string Digest)[] layers) =>
        Api.SendContentAsync(
            HttpMethod.Put,
            $"/images/{IdOf(repository)}/manifests/{tag}",
            new StringContent(string.Join('\n', layers.Select(l => l.Digest)))
        );
}
