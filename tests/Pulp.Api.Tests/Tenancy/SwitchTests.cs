using System.Text;
using System.Text.Json.Nodes;
using Pulp.Api.Tests.Roles;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>Domains are switched on, and off again, on the same data.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SwitchTests(Engine engine)
{
    private PulpSettings? _settings;

    [OneTimeTearDown]
    public void RemoveData() => Directory.Delete(_settings?.DataDir ?? "", recursive: true);

    private async Task<TestServer> StartAsync(bool named)
    {
        if (_settings is null)
        {
            var first = await TestServer.StartAsync(engine, s => s.DomainEnabled = named);
            _settings = first.Settings;
            return first;
        }

        _settings.DomainEnabled = named;
        return await TestServer.StartAsync(_settings);
    }

    private static async Task<JsonNode> UploadAsync(PulpClient api, string root, string text) =>
        (
            await api.UploadAsync(
                root + "content/file/files/upload/",
                Encoding.UTF8.GetBytes(text),
                new { relative_path = "hello.txt" }
            )
        ).Json
        ?? new JsonObject();

    private static async Task<(string Repository, string Task)> ServeAsync(PulpClient api, string root, string text)
    {
        var unit = await UploadAsync(api, root, text);
        var repository = (await api.PostAsync(root + "repositories/file/file/", new { name = "r" })).Href;
        var modified = await api.PostAsync(
            repository + "modify/",
            new { add_content_units = new[] { (string?)unit["pulp_href"] } }
        );
        await api.CompletedAsync(modified);
        await api.CompletedAsync(await api.PostAsync(root + "publications/file/file/", new { repository }));
        await api.CompletedAsync(
            await api.PostAsync(
                root + "distributions/file/file/",
                new
                {
                    name = "d",
                    base_path = "d/e",
                    repository,
                }
            )
        );
        return (repository, modified.Task);
    }

    [Test]
    public async Task Addresses_stay_as_far_as_they_can()
    {
        const string plain = "/pulp/api/v3/";
        string repository;
        string task;
        await using (var off = await StartAsync(named: false))
        {
            (repository, task) = await ServeAsync(off.Api, plain, "default");
            Assert.That(repository, Does.StartWith(plain));
        }

        await using (var on = await StartAsync(named: true))
        {
            var named = repository.Replace(plain, "/pulp/default/api/v3/", StringComparison.Ordinal);
            Assert.That((await on.Api.GetAsync(repository)).Href, Is.EqualTo(named));
            Assert.That((await on.Api.GetAsync(named)).Href, Is.EqualTo(named));
            Assert.That(
                (string?)(await on.Api.GetAsync(task)).Json?["created_resources"]?[0],
                Is.EqualTo(named + "versions/1/")
            );
            Assert.That((await on.Api.GetAsync("/pulp/content/d/e/hello.txt")).Text, Is.EqualTo("default"));
            Assert.That((await on.Api.GetAsync("/pulp/content/default/d/e/hello.txt")).Text, Is.EqualTo("default"));

            // Hrefs from before are accepted.
            var published = await on.Api.PostAsync("publications/file/file/", new { repository });
            await on.Api.CompletedAsync(published);

            var made = await on.Api.PostAsync(
                "domains/",
                new
                {
                    name = "d",
                    storage_class = "pulpcore.app.models.storage.FileSystem",
                    storage_settings = new { location = "" },
                }
            );
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            await ServeAsync(on.Api, "/pulp/d/api/v3/", "tenant");

            // The one address that changes: it begins with a domain's name now.
            Assert.That((await on.Api.GetAsync("/pulp/content/d/e/hello.txt")).Code, Is.EqualTo(404));
            Assert.That((await on.Api.GetAsync("/pulp/content/d/d/e/hello.txt")).Text, Is.EqualTo("tenant"));
            Assert.That((await on.Api.GetAsync("/pulp/content/default/d/e/hello.txt")).Text, Is.EqualTo("default"));
        }

        await using (var again = await StartAsync(named: false))
        {
            var named = repository.Replace(plain, "/pulp/default/api/v3/", StringComparison.Ordinal);
            Assert.That((await again.Api.GetAsync(repository)).Href, Is.EqualTo(repository));
            Assert.That((await again.Api.GetAsync("repositories/")).Results, Has.Count.EqualTo(1));
            Assert.That((await again.Api.GetAsync("content/file/files/")).Results, Has.Count.EqualTo(1));
            Assert.That((await again.Api.GetAsync("/pulp/content/d/e/hello.txt")).Text, Is.EqualTo("default"));
            Assert.That((await again.Api.GetAsync("/pulp/content/d/d/e/hello.txt")).Code, Is.EqualTo(404));
            Assert.That((await again.Api.GetAsync("/pulp/d/api/v3/repositories/")).Code, Is.EqualTo(404));
            var published = await again.Api.PostAsync("publications/file/file/", new { repository = named });
            await again.Api.CompletedAsync(published);

            // Also for who isn't an administrator and sees all of a kind.
            using var viewer = await again.NewUserAsync("file.filerepository_viewer", "file.filedistribution_viewer");
            foreach (var list in new[] { "repositories/", "repositories/file/file/", "distributions/" })
            {
                var seen = await viewer.Api.GetAsync(list);
                Assert.That(((int?)seen.Json?["count"], seen.Results.Count), Is.EqualTo((1, 1)), list);
            }
        }
    }
}
