using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Tests.Notes;

/// <summary>What of the SDK the outlines of the large plugins have no use for.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class NotesTests(Engine engine) : ApiFixture(engine)
{
    protected override IReadOnlyList<PulpPlugin> Plugins => [new NotesPlugin()];

    [Test]
    public async Task A_unit_takes_its_followers_and_rows_along()
    {
        var repository = await NewRepositoryAsync();
        var name = PulpClient.Unique();

        var put = await PutAsync(repository, name, "first");

        var version = await Api.GetAsync($"{repository}versions/1/");
        var log = await Api.GetAsync("/notebook/log");
        Assert.That((long?)put.Json?["version"], Is.EqualTo(1), put.Text);
        Assert.That((Present(version, "notes.note"), Present(version, "notes.stamp")), Is.EqualTo((1L, 1L)));
        Assert.That(log.Text, Does.Contain($"\"note {name}\""));
    }

    [Test]
    public async Task A_unit_that_another_replaced_is_told_and_one_is_removed_by_itself()
    {
        var repository = await NewRepositoryAsync();
        var name = PulpClient.Unique();

        var first = await PutAsync(repository, name, "one");
        var second = await PutAsync(repository, name, "two");
        var removed = await Api.DeleteAsync($"/notebook/{IdOf(repository)}/{name}");
        var none = await Api.DeleteAsync($"/notebook/{IdOf(repository)}/{name}");

        var version = await Api.GetAsync($"{repository}versions/3/");
        Assert.That(
            ((long?)first.Json?["replaced"], (long?)second.Json?["replaced"]),
            Is.EqualTo(((long?)0, (long?)1)),
            second.Text
        );
        Assert.That((long?)removed.Json?["version"], Is.EqualTo(3), removed.Text);
        Assert.That(none.Json?["version"], Is.Null);
        Assert.That(Present(version, "notes.note"), Is.Null);
    }

    [Test]
    public async Task Rows_are_saved_with_a_resource_or_not_at_all()
    {
        var name = PulpClient.Unique();
        var made = await Api.PostAsync("repositories/notes/note/", new { name });
        var again = await Api.PostAsync("repositories/notes/note/", new { name });
        var changed = await Api.PatchAsync(made.Href, new { description = "changed" });
        await Api.EndOfAsync(changed.Task);

        var answer = await Api.GetAsync("/notebook/log");
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
        var log = answer.Json?.AsArray().Select(l => (string?)l).ToList();
        Assert.That(again.Code, Is.EqualTo(400));
        Assert.That(log?.Count(l => l == $"repository {name}"), Is.EqualTo(2), "created and changed");
    }

    [Test]
    public async Task Handlers_list_and_send_stored_files_which_are_known_by_their_unit()
    {
        var repository = await NewRepositoryAsync();
        await PutAsync(repository, "note", "stored text");
        var (_, url) = await DistributeAsync(repository);
        var unit = (await Api.GetAsync($"content/notes/notes/?repository_version={repository}versions/1/")).Results[0];

        var listing = await Api.GetAsync(url + "all/");
        using var stored = await Api.Http.GetAsync(url + "stored/note");
        var files = await Api.GetAsync($"/notebook/files/{IdOf((string?)unit["pulp_href"] ?? "")}");

        Assert.That(listing.Text, Does.Contain(">note<"));
        Assert.That(await stored.Content.ReadAsStringAsync(), Is.EqualTo("stored text"));
        Assert.That(stored.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/x-note"));
        Assert.That(files.Text, Is.EqualTo("""{"note":11}"""));
    }

    [Test]
    public async Task Base_paths_lie_below_those_of_kinds_that_say_so()
    {
        var repository = await NewRepositoryAsync();
        var path = PulpClient.Unique();
        await Api.CreatedAsync(await DistributeAtAsync("shelf", path, repository));

        var below = await Api.CreatedAsync(await DistributeAtAsync("note", $"{path}/deep", repository));
        var refused = await DistributeAtAsync("shelf", $"{path}/deep/shelf", repository);

        var paths = await Api.GetAsync($"/notebook/paths/{IdOf(below)}");
        Assert.That(refused.Code, Is.EqualTo(400), refused.Text);
        Assert.That(paths.Text, Is.EqualTo($"[\"{path}/deep\"]"));
    }

    [Test]
    public async Task What_is_unguarded_is_shown_to_everybody_and_nothing_else()
    {
        var guard = (await Api.PostAsync("contentguards/notes/closed/", new { name = PulpClient.Unique() })).Href;
        var repository = await NewRepositoryAsync();
        await PutAsync(repository, "note", "secret");
        var (name, url) = await DistributeAsync(repository, guard);
        using var nobody = new PulpClient(Server.Url, user: null, password: null);

        var shown = await nobody.GetAsync($"/notebook/open/{name}/name");
        var hidden = await nobody.GetAsync($"/notebook/open/{name}/other");
        var content = await nobody.GetAsync(url + "stored/note");
        var own = await Api.GetAsync(url + "stored/note");

        Assert.That((shown.Code, shown.Text), Is.EqualTo((200, "here")));
        Assert.That((hidden.Code, content.Code, own.Code), Is.EqualTo((403, 403, 200)));
    }

    [Test]
    public async Task Somebody_sees_what_the_kind_says_and_what_roles_give()
    {
        var user = new { username = PulpClient.Unique(), password = "a good one 1" };
        await Api.PostAsync("users/", user);
        using var reader = new PulpClient(Server.Url, user.username, user.password);
        var open = await NewRepositoryAsync("open");
        var (closed, given) = (await NewRepositoryAsync("closed"), await NewRepositoryAsync("given"));
        var role = new { role = "notes.noterepository_viewer", users = new[] { user.username } };
        Assert.That((await Api.PostAsync(given + "add_role/", role)).Code, Is.EqualTo(201));

        var seen = (await reader.GetAsync("repositories/notes/note/")).Results.Select(r => (string?)r["pulp_href"]);

        Assert.That(seen, Does.Contain(open).And.Contain(given).And.Not.Contain(closed));
    }

    [Test]
    public async Task What_is_found_in_units_is_reported_of_the_version()
    {
        var repository = await NewRepositoryAsync();
        await PutAsync(repository, PulpClient.Unique(), "long");

        var saved = await Api.PostAsync($"/notebook/{IdOf(repository)}/report");
        var again = await Api.PostAsync($"/notebook/{IdOf(repository)}/report");

        var shown = await Api.GetAsync((string?)saved.Json?[0]?["href"] ?? "");
        Assert.That(shown.Text, Does.Contain("TOO-LONG"), saved.Text);
        Assert.That(
            ((bool?)saved.Json?[0]?["isNew"], (bool?)again.Json?[0]?["isNew"]),
            Is.EqualTo(((bool?)true, (bool?)false))
        );
    }

    [Test]
    public async Task The_mount_of_a_setting_is_in_the_document()
    {
        var document = await Api.GetAsync("docs/api.json");

        Assert.That(
            (string?)document.Json?["paths"]?["/notebook/log"]?["get"]?["operationId"],
            Is.EqualTo("notes_log")
        );
    }

    private async Task<string> NewRepositoryAsync(string? description = null) =>
        (await Api.PostAsync("repositories/notes/note/", new { name = PulpClient.Unique(), description })).Href;

    private Task<Answer> PutAsync(string repository, string name, string text) =>
        Api.SendContentAsync(HttpMethod.Put, $"/notebook/{IdOf(repository)}/{name}", new StringContent(text));

    private async Task<(string Name, string Url)> DistributeAsync(string repository, string? guard = null)
    {
        var name = PulpClient.Unique();
        await Api.CreatedAsync(await DistributeAtAsync("note", name, repository, guard));
        return (name, $"/pulp/content/{name}/");
    }

    private Task<Answer> DistributeAtAsync(string kind, string path, string repository, string? guard = null) =>
        Api.PostAsync(
            $"distributions/notes/{kind}/",
            new
            {
                name = PulpClient.Unique(),
                base_path = path,
                repository,
                content_guard = guard,
            }
        );

    private static string IdOf(string href) => href.TrimEnd('/').Split('/')[^1];

    private static long? Present(Answer version, string type) =>
        (long?)version.Json?["content_summary"]?["present"]?[type]?["count"];
}
