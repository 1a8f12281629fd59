namespace Pulp.PluginSdk.Tests;

/// <summary>Kinds of resource that belong to none of the families.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OwnKindTests(Engine engine) : SkeletonFixture(engine)
{
    private const string Namespaces = "images/namespaces/";

    private async Task<string> RepositoryAsync() =>
        (await Api.PostAsync("repositories/wheels/wheel/", new { name = PulpClient.Unique() })).Href;

    [Test]
    public async Task A_resource_of_its_own_is_created_listed_read_labelled_and_deleted_at_once()
    {
        var name = PulpClient.Unique();

        var made = await Api.PostAsync(Namespaces, new { name, pulp_labels = new { a = "b" } });
        var again = await Api.PostAsync(Namespaces, new { name });
        var list = await Api.GetAsync($"{Namespaces}?name__startswith={name}");
        var label = await Api.PostAsync(made.Href + "set_label/", new { key = "c", value = "d" });
        var read = await Api.GetAsync(made.Href);
        var changed = await Api.PatchAsync(made.Href, new { name = "other" });
        var deleted = await Api.DeleteAsync(made.Href);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That(made.Href, Does.StartWith("/pulp/api/v3/images/namespaces/"));
            Assert.That((string?)made.Json?["prn"], Does.StartWith("prn:images.imagenamespace:"));
            Assert.That(again.Text, Is.EqualTo("""{"name":["This field must be unique."]}"""));
            Assert.That(list.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { made.Href }));
            Assert.That(label.Code, Is.EqualTo(201));
            Assert.That(read.Json?["pulp_labels"]?.ToJsonString(), Is.EqualTo("""{"a":"b","c":"d"}"""));
            Assert.That(changed.Code, Is.EqualTo(405));
            Assert.That(deleted.Code, Is.EqualTo(204));
            Assert.That((await Api.GetAsync(made.Href)).Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task Other_kinds_refer_to_it_by_href_and_keep_it()
    {
        var name = PulpClient.Unique();
        var made = (await Api.PostAsync(Namespaces, new { name })).Href;
        var distribution = await Api.CreatedAsync(
            await Api.PostAsync(
                "distributions/images/image/",
                new
                {
                    name,
                    base_path = name,
                    @namespace = made,
                }
            ),
            "/distributions/"
        );

        var read = await Api.GetAsync(distribution);
        var found = await Api.GetAsync($"distributions/images/image/?namespace={made}");
        var counted = await Api.GetAsync(made);
        var kept = await Api.DeleteAsync(made);

        Assert.Multiple(() =>
        {
            Assert.That((string?)read.Json?["namespace"], Is.EqualTo(made));
            Assert.That(found.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { distribution }));
            Assert.That((int?)counted.Json?["distributions_count"], Is.EqualTo(1));
            Assert.That(kept.Code, Is.EqualTo(409));
        });
    }

    [Test]
    public async Task A_resource_below_another_is_found_below_it_alone()
    {
        var repository = await RepositoryAsync();
        var other = await RepositoryAsync();

        var made = await Api.PostAsync(repository + "blocklist/", new { project = "left-pad" });
        var again = await Api.PostAsync(repository + "blocklist/", new { project = "left-pad" });
        var elsewhere = await Api.PostAsync(other + "blocklist/", new { project = "left-pad", reason = "so" });
        var given = await Api.PostAsync(repository + "blocklist/", new { project = "x", repository = other });
        var list = await Api.GetAsync(repository + "blocklist/");
        var read = await Api.GetAsync(made.Href);
        var misplaced = await Api.GetAsync(made.Href.Replace(repository, other, StringComparison.Ordinal));
        var orphan = await Api.PostAsync(
            $"repositories/wheels/wheel/{Guid.NewGuid()}/blocklist/",
            new { project = "left-pad" }
        );
        var changed = await Api.PatchAsync(made.Href, new { reason = "because" });
        var twice = await Api.PostAsync(other + "blocklist/", new { project = "second" });
        var clash = await Api.PatchAsync(twice.Href, new { project = "left-pad" });

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That(made.Href, Does.StartWith(repository + "blocklist/"));
            Assert.That((string?)made.Headers.Location?.ToString(), Is.EqualTo(made.Href));
            Assert.That((string?)made.Json?["repository"], Is.EqualTo(repository));
            Assert.That(
                again.Text,
                Is.EqualTo("""{"non_field_errors":["The fields repository, project must make a unique set."]}""")
            );
            Assert.That(elsewhere.Code, Is.EqualTo(201));
            Assert.That((string?)given.Json?["repository"], Is.EqualTo(repository));
            Assert.That(
                list.Results.Select(r => (string?)r["pulp_href"]),
                Is.EquivalentTo(new[] { made.Href, given.Href })
            );
            Assert.That(read.Code, Is.EqualTo(200));
            Assert.That(new[] { misplaced.Code, orphan.Code }, Is.All.EqualTo(404));
            Assert.That((string?)changed.Json?["reason"], Is.EqualTo("because"));
            Assert.That(clash.Code, Is.EqualTo(400), clash.Text);
        });
    }

    [Test]
    public async Task Members_bodies_and_answers_name_what_is_below_a_resource_by_its_href()
    {
        var repository = await RepositoryAsync();
        var other = await RepositoryAsync();
        var first = (await Api.PostAsync(repository + "blocklist/", new { project = "a" })).Href;
        var second = (await Api.PostAsync(repository + "blocklist/", new { project = "b" })).Href;
        var misplaced = second.Replace(repository, other, StringComparison.Ordinal);

        var shown = await Api.GetAsync(repository);
        var answered = await Api.PostAsync(
            repository + "review/",
            new
            {
                first,
                others = new[] { second },
                repository = other,
            }
        );
        var refused = await Api.PostAsync(
            repository + "review/",
            new { first = misplaced, others = new[] { first, misplaced } }
        );

        Assert.Multiple(() =>
        {
            Assert.That(shown.Json?["blocked"]?.AsArray().Select(b => (string?)b), Is.EqualTo(new[] { first, second }));
            Assert.That((string?)answered.Json?["first"], Is.EqualTo(first), answered.Text);
            Assert.That((string?)answered.Json?["others"]?[0], Is.EqualTo(second));
            Assert.That((string?)answered.Json?["repository"], Is.EqualTo(other));
            Assert.That(
                refused.Json?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(new[] { "first", "others" }),
                refused.Text
            );
        });
    }

    [Test]
    public async Task What_is_below_a_resource_goes_with_it_and_is_for_nobody_without_a_right()
    {
        var repository = await RepositoryAsync();
        var made = (await Api.PostAsync(repository + "blocklist/", new { project = "left-pad" })).Href;
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        using var user = new PulpClient(Server.Url, name, "a good one 1");

        var seen = await user.GetAsync(made);
        var listed = await user.GetAsync(repository + "blocklist/");
        await Api.CompletedAsync(await Api.DeleteAsync(repository));
        var gone = await Api.GetAsync(made);
        var document = await Api.GetAsync("docs/api.json");

        Assert.Multiple(() =>
        {
            Assert.That(new[] { seen.Code, listed.Code, gone.Code }, Is.EqualTo(new[] { 404, 404, 404 }));
            Assert.That(
                document.Json?["paths"]?["{wheels_wheel_repository_href}blocklist/"]?["post"]?[
                    "operationId"
                ]?.ToString(),
                Is.EqualTo("repositories_wheels_wheel_blocklist_create")
            );
            Assert.That(document.Json?["paths"]?["{wheels_blocked_project_href}"]?["delete"], Is.Not.Null);
        });
    }
}
