namespace Pulp.PluginSdk.Tests;

/// <summary>What follows from the declaration of a kind alone.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class KindTests(Engine engine) : SkeletonFixture(engine)
{
    private static string[] Hrefs(Answer answer) => [.. answer.Results.Select(r => (string?)r["pulp_href"] ?? "")];

    [Test]
    public async Task Kinds_of_two_plugins_live_beside_each_other()
    {
        var name = PulpClient.Unique();
        var images = await Api.PostAsync("repositories/images/image/", new { name });
        var wheels = await Api.PostAsync("repositories/wheels/wheel/", new { name = name + "-wheels" });

        var all = await Api.GetAsync($"repositories/?name__startswith={name}&ordering=name");

        Assert.That(Hrefs(all), Is.EqualTo(new[] { images.Href, wheels.Href }));
    }

    [Test]
    public async Task Operations_that_a_kind_leaves_out_are_neither_there_nor_documented()
    {
        const string Push = "repositories/images/image-push/";

        var list = await Api.GetAsync(Push);
        var create = await Api.PostAsync(Push, new { name = PulpClient.Unique() });
        var modify = await Api.PostAsync(Push + Guid.NewGuid() + "/modify/", new { });
        var document = await Api.GetAsync("docs/api.json");

        var paths = (JsonObject?)document.Json?["paths"] ?? [];
        Assert.Multiple(() =>
        {
            Assert.That(list.Code, Is.EqualTo(200));
            Assert.That(create.Code, Is.EqualTo(405));
            Assert.That(modify.Code, Is.EqualTo(404));
            Assert.That(
                paths
                    .Where(p => p.Key.Contains("image-push") || p.Key.Contains("images_push_repository"))
                    .SelectMany(p => ((JsonObject?)p.Value ?? []).Select(o => $"{o.Key} {p.Key}"))
                    .Order(StringComparer.Ordinal),
                Is.EqualTo(
                    new[]
                    {
                        "get /pulp/api/v3/repositories/images/image-push/",
                        "get {images_push_repository_href}",
                        "get {images_push_repository_href}versions/",
                        "get {images_push_repository_version_href}",
                        "patch {images_push_repository_href}",
                        "post {images_push_repository_href}set_label/",
                        "post {images_push_repository_href}unset_label/",
                        "put {images_push_repository_href}",
                    }
                )
            );
        });
    }

    [Test]
    public async Task An_inherited_field_has_another_default_is_hidden_or_required()
    {
        var name = PulpClient.Unique();
        var bare = await Api.PostAsync("remotes/wheels/wheel/", new { name, url = "http://localhost/" });
        var hidden = await Api.PostAsync(
            "remotes/wheels/wheel/",
            new
            {
                name,
                url = "http://localhost/",
                rate_limit = 5,
                proxy_url = "http://localhost",
            }
        );
        var made = await Api.PostAsync(
            "remotes/wheels/wheel/",
            new
            {
                name,
                url = "http://localhost/",
                rate_limit = 5,
            }
        );
        var document = await Api.GetAsync("docs/api.json");

        var schema = document.Json?["components"]?["schemas"]?["wheels.WheelRemote"];
        Assert.Multiple(() =>
        {
            Assert.That(bare.Text, Is.EqualTo("""{"rate_limit":["This field is required."]}"""));
            Assert.That(hidden.Text, Is.EqualTo("""{"proxy_url":["Unexpected field"]}"""));
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That((string?)made.Json?["policy"], Is.EqualTo("on_demand"));
            Assert.That(made.Json?.AsObject().ContainsKey("proxy_url"), Is.False);
            Assert.That((string?)schema?["properties"]?["policy"]?["default"], Is.EqualTo("on_demand"));
            Assert.That(
                (string?)schema?["properties"]?["rate_limit"]?["description"],
                Is.EqualTo("Requests a second that the index allows.")
            );
            Assert.That(schema?["required"]?.ToJsonString(), Does.Contain("rate_limit"));
        });
    }

    [Test]
    public async Task Members_and_filters_of_the_plugins_own_are_worked_out_by_the_database()
    {
        var name = PulpClient.Unique();
        var repository = (await Api.PostAsync("repositories/images/image/", new { name })).Href;
        var hrefs = new List<string>();
        foreach (var path in new[] { name + "/b", name + "/a" })
        {
            hrefs.Add(
                await Api.CreatedAsync(
                    await Api.PostAsync(
                        "distributions/images/image/",
                        new
                        {
                            name = path,
                            base_path = path,
                            repository,
                        }
                    ),
                    "/distributions/"
                )
            );
        }

        var shown = await Api.GetAsync(repository);
        var distribution = await Api.GetAsync(hrefs[0]);
        var found = await Api.GetAsync($"repositories/images/image/?served_at={name}/a");
        var none = await Api.GetAsync($"repositories/images/image/?served_at={name}/c");
        var refused = await Api.GetAsync("repositories/images/image/?served_at=UPPER");
        var document = await Api.GetAsync("docs/api.json");

        var list = document.Json?["paths"]?["/pulp/api/v3/repositories/images/image/"]?["get"]?["parameters"];
        var schema = document.Json?["components"]?["schemas"]?["images.ImageRepositoryResponse"]?["properties"];
        Assert.Multiple(() =>
        {
            Assert.That(
                shown.Json?["distributions"]?.AsArray().Select(d => (string?)d),
                Is.EqualTo(new[] { hrefs[1], hrefs[0] })
            );
            Assert.That((string?)distribution.Json?["registry_path"], Is.EqualTo($"registry.test/{name}/b"));
            Assert.That(Hrefs(found), Is.EqualTo(new[] { repository }));
            Assert.That(none.Results, Is.Empty);
            Assert.That(refused.Code, Is.EqualTo(400));
            Assert.That(refused.Text, Is.EqualTo("""{"served_at":["Images are at paths in small letters."]}"""));
            Assert.That(list?.AsArray().Select(p => (string?)p?["name"]), Does.Contain("served_at"));
            Assert.That(schema?["distributions"]?["items"]?["format"]?.ToString(), Is.EqualTo("uri"));
            Assert.That((bool?)schema?["distributions"]?["readOnly"], Is.True);
        });
    }

    [Test]
    public async Task Rules_of_the_plugins_own_are_told_with_all_other_faults_at_creation_and_update()
    {
        var name = PulpClient.Unique();
        var wheels = (await Api.PostAsync("repositories/wheels/wheel/", new { name })).Href;

        var refused = await Api.PostAsync(
            "distributions/images/image/",
            new
            {
                base_path = "UPPER",
                repository = wheels,
                hidden = "perhaps",
            }
        );
        var missing = await Api.PostAsync("distributions/images/image/", new { name });
        var distribution = await Api.CreatedAsync(
            await Api.PostAsync("distributions/images/image/", new { name, base_path = name }),
            "/distributions/"
        );
        var moved = await Api.PatchAsync(distribution, new { base_path = name + "-new" });

        Assert.Multiple(() =>
        {
            Assert.That(
                refused.Json?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(new[] { "name", "hidden", "base_path", "repository" })
            );
            Assert.That(missing.Text, Is.EqualTo("""{"base_path":["This field is required."]}"""));
            Assert.That(moved.Text, Is.EqualTo("""{"base_path":["Clients know the images by this path."]}"""));
        });
    }
}
