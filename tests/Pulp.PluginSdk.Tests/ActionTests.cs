namespace Pulp.PluginSdk.Tests;

/// <summary>A plugin's own operations.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ActionTests(Engine engine) : SkeletonFixture(engine)
{
    private async Task<string> RepositoryAsync(string kind = "images/image") =>
        (await Api.PostAsync($"repositories/{kind}/", new { name = PulpClient.Unique() })).Href;

    private static string IdOf(string href) => href.TrimEnd('/').Split('/')[^1];

    [Test]
    public async Task An_action_on_a_resource_gets_its_body_by_fields_and_sends_a_task_of_the_callers()
    {
        var to = await RepositoryAsync();
        var from = await RepositoryAsync();
        var also = new[] { await RepositoryAsync(), await RepositoryAsync("wheels/wheel") };

        var started = await Api.PostAsync(to + "copy_tags/", new { source_repository = from, also });
        var end = await Api.CompletedAsync(started);

        Assert.Multiple(() =>
        {
            Assert.That(started.Code, Is.EqualTo(202));
            Assert.That((string?)end["name"], Is.EqualTo("images.app.tasks.copy_tags"));
            Assert.That((string?)end["created_by"], Does.StartWith("/pulp/api/v3/users/"));
            Assert.That((string?)end["result"]?["from"], Is.EqualTo(IdOf(from)));
            Assert.That((string?)end["result"]?["caller"], Is.EqualTo("admin"));
            Assert.That(
                end["result"]?["to"]?.AsArray().Select(id => (string?)id),
                Is.EqualTo(also.Prepend(to).Select(IdOf))
            );
        });
    }

    [Test]
    public async Task Everything_that_is_wrong_with_an_actions_body_is_answered_at_once()
    {
        var to = await RepositoryAsync();
        var wheels = await RepositoryAsync("wheels/wheel");

        var refused = await Api.PostAsync(
            to + "copy_tags/",
            new
            {
                source_repository = wheels,
                names = "all",
                also = new[] { to, $"/pulp/api/v3/repositories/images/image/{Guid.NewGuid()}/" },
                limit = 0,
                more = true,
            }
        );
        var missing = await Api.PostAsync(to + "copy_tags/", new { also = "one" });
        var unwanted = await Api.PostAsync(to + "rest/", new { a = 1 });

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(400));
            Assert.That(
                refused.Json?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(new[] { "source_repository", "names", "also", "limit", "more" })
            );
            Assert.That(
                refused.Json?["also"]?.ToJsonString(),
                Is.EqualTo("""["Invalid hyperlink - Object does not exist."]""")
            );
            Assert.That(
                missing.Json?["source_repository"]?.ToJsonString(),
                Is.EqualTo("""["This field is required."]""")
            );
            Assert.That((string?)missing.Json?["also"]?[0], Does.StartWith("Expected a list of items"));
            Assert.That(unwanted.Text, Is.EqualTo("""{"a":["Unexpected field"]}"""));
        });
    }

    [Test]
    public async Task An_action_answers_a_body_of_its_own_or_a_resource()
    {
        var repository = await RepositoryAsync();
        var path = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/images/image/",
                new
                {
                    name = path,
                    base_path = path,
                    repository,
                }
            )
        );

        var catalog = await Api.GetAsync(repository + "catalog/");
        var shown = await Api.PostAsync(repository + "rest/");
        var read = await Api.GetAsync(repository);
        var mirror = new { name = path, config = "[mirror]\nmaster = http://pypi.test" };
        var made = await Api.PostAsync("remotes/wheels/wheel/from_bandersnatch/", mirror);
        var remote = await Api.GetAsync(made.Href);
        var again = await Api.PostAsync("remotes/wheels/wheel/from_bandersnatch/", mirror);
        var refused = await Api.PostAsync(
            "remotes/wheels/wheel/from_bandersnatch/",
            new { name = path, config = "[mirror]" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(catalog.Code, Is.EqualTo(200), catalog.Text);
            Assert.That((string?)catalog.Json?["repository"], Is.EqualTo(repository));
            Assert.That(catalog.Json?["paths"]?.ToJsonString(), Is.EqualTo($"[\"{path}\"]"));
            Assert.That(shown.Code, Is.EqualTo(200));
            Assert.That(shown.Text, Is.EqualTo(read.Text));
            Assert.That(made.Code, Is.EqualTo(201));
            Assert.That(made.Headers.Location?.ToString(), Is.EqualTo(made.Href));
            Assert.That((string?)made.Json?["url"], Is.EqualTo("http://pypi.test"));
            Assert.That(remote.Text, Is.EqualTo(made.Text));
            Assert.That(again.Text, Is.EqualTo("""{"name":["This field must be unique."]}"""));
            Assert.That(refused.Text, Is.EqualTo("""{"config":["It names no master."]}"""));
        });
    }

    [Test]
    public async Task An_action_answers_a_group_of_tasks()
    {
        var repository = await RepositoryAsync("wheels/wheel");

        var started = await Api.PostAsync(repository + "scan_all/");
        var href = (string?)started.Json?["task_group"] ?? "";
        var group = await Api.GetAsync(href);
        var tasks = await Api.GetAsync($"tasks/?task_group={href}");

        Assert.Multiple(() =>
        {
            Assert.That(started.Code, Is.EqualTo(202));
            Assert.That((bool?)group.Json?["all_tasks_dispatched"], Is.True);
            Assert.That((string?)group.Json?["description"], Is.EqualTo("Scanning all versions."));
            Assert.That(tasks.Results.Select(t => (string?)t["name"]), Is.EqualTo(new[] { "wheels.app.tasks.scan" }));
        });
    }

    [Test]
    public async Task An_action_on_a_version_gets_the_version()
    {
        var repository = await RepositoryAsync("wheels/wheel");

        var end = await Api.CompletedAsync(await Api.PostAsync(repository + "versions/0/scan/"));
        var none = await Api.PostAsync(repository + "versions/7/scan/");

        Assert.Multiple(() =>
        {
            Assert.That((string?)end["result"]?["repository_id"], Is.EqualTo(IdOf(repository)));
            Assert.That((int?)end["result"]?["number"], Is.EqualTo(0));
            Assert.That(none.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task Actions_are_in_the_document_with_their_bodies_and_answers()
    {
        var document = (await Api.GetAsync("docs/api.json")).Json;

        var copy = document?["paths"]?["{images_image_repository_href}copy_tags/"]?["post"];
        var schemas = document?["components"]?["schemas"];
        var properties = schemas?["images.CopyTags"]?["properties"];
        Assert.Multiple(() =>
        {
            Assert.That((string?)copy?["operationId"], Is.EqualTo("repositories_images_image_copy_tags"));
            Assert.That(copy?["requestBody"]?.ToJsonString(), Does.Contain("images.CopyTags"));
            Assert.That(copy?["responses"]?["202"], Is.Not.Null);
            Assert.That((string?)properties?["also"]?["items"]?["format"], Is.EqualTo("uri"));
            Assert.That(
                schemas?["images.CopyTags"]?["required"]?.ToJsonString(),
                Is.EqualTo("""["source_repository"]""")
            );
            Assert.That(
                document?["paths"]?["{images_image_repository_href}catalog/"]?["get"]?["responses"]?[
                    "200"
                ]?.ToJsonString(),
                Does.Contain("images.CatalogResponse")
            );
            Assert.That(document?["paths"]?["{wheels_wheel_repository_version_href}scan/"]?["post"], Is.Not.Null);
            Assert.That(
                document?["paths"]?["/pulp/api/v3/remotes/wheels/wheel/from_bandersnatch/"]?["post"],
                Is.Not.Null
            );
        });
    }

    [Test]
    public async Task Nobody_gets_past_the_gate_to_an_action()
    {
        var repository = await RepositoryAsync();
        var wheels = await RepositoryAsync("wheels/wheel");
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        using var user = new PulpClient(Server.Url, name, "a good one 1");
        using var nobody = new PulpClient(Server.Url, null, null);

        var codes = new List<int>();
        foreach (var client in new[] { nobody, user })
        {
            codes.Add((await client.PostAsync(repository + "copy_tags/", new { nonsense = 1 })).Code);
            codes.Add((await client.GetAsync(repository + "catalog/")).Code);
            codes.Add((await client.PostAsync(wheels + "versions/0/scan/")).Code);
            codes.Add((await client.PostAsync("remotes/wheels/wheel/from_bandersnatch/", new { })).Code);
        }

        Assert.That(codes, Is.EqualTo(new[] { 401, 401, 401, 401, 404, 404, 404, 403 }));
    }
}
