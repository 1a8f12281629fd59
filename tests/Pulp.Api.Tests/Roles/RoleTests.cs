using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Rights;

namespace Pulp.Api.Tests.Roles;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RoleTests(Engine engine) : ApiFixture(engine)
{
    private static readonly string[] Looking = ["core.view_task"];

    [Test]
    public void What_the_server_ships_is_what_was_verified() =>
        Snapshot.Matches(
            string.Join(
                '\n',
                Server
                    .Services.GetRequiredService<ShippedAccess>()
                    .Roles.Select(r => $"{r.Name}: {string.Join(", ", r.Permissions)}")
                    .Order(StringComparer.Ordinal)
            ),
            extension: "txt"
        );

    [Test]
    public async Task A_role_of_ones_own_is_made_changed_and_removed()
    {
        var name = PulpClient.Unique();
        var made = await Api.PostAsync("roles/", new { name, permissions = Looking });
        var href = (string?)made.Json?["pulp_href"] ?? "";
        var changed = await Api.PatchAsync(
            href,
            new { permissions = new[] { "core.view_task", "file.view_fileremote" } }
        );
        var found = await Api.NamesAsync($"roles/?contains_permission=file.view_fileremote&name={name}");
        var removed = await Api.DeleteAsync(href);

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That((bool?)made.Json?["locked"], Is.False);
            Assert.That(
                (changed.Json?["permissions"] as JsonArray)?.Select(p => (string?)p),
                Is.EqualTo(new[] { "core.view_task", "file.view_fileremote" })
            );
            Assert.That(found, Is.EqualTo(new[] { name }));
            Assert.That(removed.Code, Is.EqualTo(204));
        });
    }

    [TestCase("nonsense", "Permission 'nonsense' is not in the format '<app_label>.<codename>'.")]
    [TestCase("file.fly_filerepository", "Permission 'file.fly_filerepository' does not exist.")]
    public async Task A_permission_that_isnt_there_is_refused(string permission, string message)
    {
        var refused = await Api.PostAsync(
            "roles/",
            new { name = PulpClient.Unique(), permissions = new[] { permission } }
        );

        Assert.That((string?)refused.Json?["permissions"]?[0], Is.EqualTo(message));
    }

    [Test]
    public async Task A_shipped_role_stays_as_it_is()
    {
        var href = (await Api.NamesAsync("roles/?name=core.task_viewer", "pulp_href"))[0] ?? "";
        var changed = await Api.PatchAsync(href, new { description = "mine" });
        var removed = await Api.DeleteAsync(href);

        Assert.Multiple(() =>
        {
            Assert.That((changed.Code, (string?)changed.Json?["detail"]), Is.EqualTo((403, "The role is locked.")));
            Assert.That(removed.Code, Is.EqualTo(403));
        });
    }

    [Test]
    public async Task Roles_are_found_by_the_kind_of_object_that_they_are_for()
    {
        var repository = await Api.NewRepositoryAsync();
        var names = await Api.NamesAsync($"roles/?limit=100&for_object_type={repository}");
        var listed = (await Api.GetAsync("docs/api.json"))
            .Json
            ?["paths"]
            ?["/pulp/api/v3/roles/"]
            ?["get"]
            ?["parameters"];

        Assert.That(
            names,
            Is.SupersetOf(new[] { "file.filerepository_owner", "file.filerepository_viewer" })
                .And.None.EqualTo("file.fileremote_owner")
        );
        Assert.That(listed?.AsArray().Select(p => (string?)p?["name"]), Has.Member("for_object_type"));
    }

    [Test]
    public async Task A_role_given_everywhere_counts_at_once_and_ends_at_once()
    {
        using var user = await Server.NewUserAsync();
        var before = await user.Api.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() });
        var given = await Api.GiveAsync(user.Href, "file.filerepository_creator");
        var with = await user.Api.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() });
        await Api.DeleteAsync(given);
        var after = await user.Api.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() });

        Assert.That(new[] { before.Code, with.Code, after.Code }, Is.EqualTo(new[] { 403, 201, 403 }));
    }

    [TestCase("{\"role\": \"file.filerepository_owner\"}", "Either 'content_object'")]
    [TestCase(
        "{\"role\": \"nobody.knows\", \"content_object\": null}",
        "Object with name=nobody.knows does not exist."
    )]
    [TestCase(
        "{\"role\": \"core.task_viewer\", \"content_object\": \"/pulp/api/v3/nowhere/\"}",
        "Invalid value: /pulp/api/v3/nowhere/."
    )]
    [TestCase("{\"role\": \"core.task_viewer\", \"content_object\": 7}", "Invalid value")]
    [TestCase(
        "{\"role\": \"core.task_viewer\", \"content_object\": null, \"domain\": \"/pulp/api/v3/domains/x/\"}",
        "Object does not exist"
    )]
    [TestCase("{\"role\": [], \"content_object\": null}", "Not a valid string.")]
    [TestCase("{\"content_object\": null}", "This field is required.")]
    public async Task What_of_an_assignment_makes_no_sense_is_refused(string body, string message)
    {
        using var user = await Server.NewUserAsync();
        var refused = await Api.SendContentAsync(
            HttpMethod.Post,
            user.Href + "roles/",
            new StringContent(body, Encoding.UTF8, "application/json")
        );

        Assert.That((refused.Code, refused.Text), Is.EqualTo((400, refused.Text)));
        Assert.That(refused.Text, Does.Contain(message));
    }

    [Test]
    public async Task A_role_is_given_once_and_only_on_what_it_is_about()
    {
        var repository = await Api.NewRepositoryAsync();
        using var user = await Server.NewUserAsync();
        await Api.GiveAsync(user.Href, "file.filerepository_owner", repository);
        var again = await Api.PostAsync(
            user.Href + "roles/",
            new { role = "file.filerepository_owner", content_object = repository }
        );
        var other = await Api.PostAsync(
            user.Href + "roles/",
            new { role = "file.fileremote_owner", content_object = repository }
        );

        Assert.Multiple(() =>
        {
            Assert.That(again.Text, Does.Contain("The role is already assigned to this user."));
            Assert.That(
                other.Text,
                Does.Contain("The role 'file.fileremote_owner' does not carry any permission for that object.")
            );
        });
    }

    [Test]
    public async Task Assignments_are_listed_filtered_and_go_with_what_they_are_of()
    {
        var repository = await Api.NewRepositoryAsync();
        using var user = await Server.NewUserAsync("core.task_viewer");
        await Api.GiveAsync(user.Href, "file.filerepository_owner", repository);

        var all = await Api.NamesAsync($"{user.Href}roles/?ordering=role", "role");
        var everywhere = await Api.NamesAsync($"{user.Href}roles/?content_object=null", "role");
        var on = await Api.NamesAsync($"{user.Href}roles/?content_object={repository}", "role");
        var named = await Api.NamesAsync($"{user.Href}roles/?role__contains=filerepo", "content_object");
        await Api.CompletedAsync(await Api.DeleteAsync(repository));
        var left = await Api.NamesAsync($"{user.Href}roles/", "role");

        Assert.Multiple(() =>
        {
            Assert.That(all, Is.EqualTo(new[] { "core.task_viewer", "file.filerepository_owner" }));
            Assert.That(everywhere, Is.EqualTo(new[] { "core.task_viewer" }));
            Assert.That(on, Is.EqualTo(new[] { "file.filerepository_owner" }));
            Assert.That(named, Is.EqualTo(new[] { repository }));
            Assert.That(left, Is.EqualTo(new[] { "core.task_viewer" }));
        });
    }

    [Test]
    public async Task With_a_user_go_its_memberships_and_roles()
    {
        var repository = await Api.NewRepositoryAsync();
        using var user = await Server.NewUserAsync();
        using var other = await Server.NewUserAsync();
        var group = await Server.NewGroupAsync(PulpClient.Unique(), user, other);
        await Api.GiveAsync(user.Href, "file.filerepository_viewer", repository);

        var removed = await Api.DeleteAsync(user.Href);
        var members = await Api.NamesAsync(group + "users/", "username");
        var roles = await Api.GetAsync(repository + "list_roles/");

        Assert.Multiple(() =>
        {
            Assert.That(removed.Code, Is.EqualTo(204));
            Assert.That(members, Is.EqualTo(new[] { other.Name }));
            Assert.That(roles.Text, Does.Not.Contain("file.filerepository_viewer"));
        });
    }

    [Test]
    public async Task Another_holders_assignment_isnt_found_below_one()
    {
        using var user = await Server.NewUserAsync();
        using var other = await Server.NewUserAsync();
        var given = await Api.GiveAsync(user.Href, "core.task_viewer");
        var crossed = given.Replace(user.Href, other.Href, StringComparison.Ordinal);

        var read = await Api.GetAsync(crossed);
        var removed = await Api.DeleteAsync(crossed);

        Assert.That(new[] { read.Code, removed.Code }, Is.All.EqualTo(404));
        Assert.That((await Api.GetAsync(given)).Code, Is.EqualTo(200));
    }
}
