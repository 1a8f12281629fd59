namespace Pulp.Api.Tests.Roles;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ObjectRoleTests(Engine engine) : ApiFixture(engine)
{
    private const string Owner = "file.filerepository_owner";
    private const string Viewer = "file.filerepository_viewer";

    private async Task<(Person Owner, string Repository)> OwnedAsync()
    {
        var owner = await Server.NewUserAsync("file.filerepository_creator");
        return (owner, await owner.Api.NewRepositoryAsync());
    }

    [Test]
    public async Task Who_makes_something_owns_it()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;

        var roles = await owner.Api.GetAsync(repository + "list_roles/");
        var mine = await owner.Api.GetAsync(repository + "my_permissions/");
        var admins = await Api.GetAsync(repository + "my_permissions/");

        Assert.Multiple(() =>
        {
            Assert.That(
                roles.Text,
                Is.EqualTo($$"""{"roles":[{"role":"{{Owner}}","users":["{{owner.Name}}"],"groups":[]}]}""")
            );
            Assert.That(mine.Text, Does.Contain("file.sync_filerepository").And.Not.Contains("file.add_"));
            Assert.That(admins.Text, Is.EqualTo("""{"permissions":[]}"""));
        });
    }

    [Test]
    public async Task A_role_is_given_to_users_and_groups_and_taken_again()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var user = await Server.NewUserAsync();
        using var member = await Server.NewUserAsync();
        var group = PulpClient.Unique();
        await Server.NewGroupAsync(group, member);
        var change = new
        {
            role = Viewer,
            users = new[] { user.Name },
            groups = new[] { group },
        };

        var before = (await user.Api.GetAsync(repository)).Code;
        var given = await owner.Api.PostAsync(repository + "add_role/", change);
        var seen = new[] { (await user.Api.GetAsync(repository)).Code, (await member.Api.GetAsync(repository)).Code };
        var changed = (await member.Api.PatchAsync(repository, new { description = "mine" })).Code;
        var again = await owner.Api.PostAsync(repository + "add_role/", change);
        var taken = await owner.Api.PostAsync(repository + "remove_role/", change);
        var after = new[] { (await user.Api.GetAsync(repository)).Code, (await member.Api.GetAsync(repository)).Code };
        var twice = await owner.Api.PostAsync(repository + "remove_role/", change);

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(404));
            Assert.That(given.Code, Is.EqualTo(201), given.Text);
            Assert.That((string?)given.Json?["users"]?[0], Is.EqualTo(user.Name));
            Assert.That(seen, Is.All.EqualTo(200));
            Assert.That(changed, Is.EqualTo(403));
            Assert.That(again.Text, Does.Contain($"The role is already assigned to user '{user.Name}'."));
            Assert.That(taken.Code, Is.EqualTo(201));
            Assert.That(after, Is.All.EqualTo(404));
            Assert.That(twice.Text, Does.Contain($"The role is not assigned to user '{user.Name}'."));
        });
    }

    [Test]
    public async Task A_change_of_roles_is_made_whole_or_not_at_all()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var user = await Server.NewUserAsync();
        await owner.Api.PostAsync(repository + "add_role/", new { role = Viewer, users = new[] { user.Name } });
        using var other = await Server.NewUserAsync();

        var refused = await owner.Api.PostAsync(
            repository + "add_role/",
            new { role = Viewer, users = new[] { other.Name, user.Name } }
        );
        var unknown = await owner.Api.PostAsync(
            repository + "add_role/",
            new { role = Viewer, users = new[] { other.Name, "nobody-there" } }
        );

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(400));
            Assert.That(unknown.Text, Does.Contain("Object with username=nobody-there does not exist."));
        });
        Assert.That((await other.Api.GetAsync(repository)).Code, Is.EqualTo(404));
    }

    [TestCase("core.task_viewer", "The role does not contain any permission for that object.")]
    [TestCase("no.such", "Object with name=no.such does not exist.")]
    public async Task A_role_that_cant_be_given_there_is_refused(string role, string message)
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;

        var refused = await owner.Api.PostAsync(repository + "add_role/", new { role, users = new[] { owner.Name } });

        Assert.That((refused.Code, refused.Text), Is.EqualTo((400, refused.Text)));
        Assert.That(refused.Text, Does.Contain(message));
    }

    [Test]
    public async Task Who_sends_a_task_owns_it_until_that_is_taken()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var other = await Server.NewUserAsync();
        var sent = await owner.Api.PatchAsync(repository, new { description = "mine" });
        var task = (string?)sent.Json?["task"] ?? "";
        await Api.CompletedAsync(sent);

        var read = await owner.Api.GetAsync(task);
        var hidden = await other.Api.GetAsync(task);
        var roles = await owner.Api.GetAsync(task + "list_roles/");
        var refused = await owner.Api.PostAsync(
            task + "add_role/",
            new { role = "core.task_user_dispatcher", users = new[] { other.Name } }
        );
        await owner.Api.PostAsync(task + "add_role/", new { role = "core.task_viewer", users = new[] { other.Name } });
        var shown = await other.Api.NamesAsync("tasks/", "pulp_href");
        await Api.PostAsync(task + "remove_role/", new { role = "core.task_owner", users = new[] { owner.Name } });
        var lost = await owner.Api.GetAsync(task);

        Assert.Multiple(() =>
        {
            Assert.That((string?)read.Json?["created_by"], Is.EqualTo(owner.Href));
            Assert.That(hidden.Code, Is.EqualTo(404));
            Assert.That(roles.Text, Does.Contain("core.task_owner").And.Contain("core.task_user_dispatcher"));
            Assert.That(
                refused.Text,
                Is.EqualTo("""["core.task_user_dispatcher can not be added/removed from a task."]""")
            );
            Assert.That(shown, Is.EqualTo(new[] { task }));
            Assert.That(lost.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_remote_that_the_request_names_has_to_be_one_that_may_be_viewed()
    {
        using var user = await Server.NewUserAsync("file.filerepository_creator");
        var remote = await Api.NewRemoteAsync("http://upstream.test/PULP_MANIFEST", "immediate", more: null);
        var body = new { name = PulpClient.Unique(), remote };

        var refused = await user.Api.PostAsync("repositories/file/file/", body);
        await Api.GiveAsync(user.Href, "file.fileremote_viewer", remote);
        var made = await user.Api.PostAsync("repositories/file/file/", body);

        Assert.That(new[] { refused.Code, made.Code }, Is.EqualTo(new[] { 403, 201 }));
    }

    [Test]
    public async Task Uploads_into_a_repository_take_rights_on_it()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var other = await Server.NewUserAsync();

        Task<Answer> Upload(PulpClient api, string? into)
        {
            var form = new MultipartFormDataContent
            {
                { new StringContent(PulpClient.Unique()), "relative_path" },
                { new ByteArrayContent("text"u8.ToArray()), "file", "file" },
            };
            if (into is not null)
            {
                form.Add(new StringContent(into), "repository");
            }

            return api.SendContentAsync(HttpMethod.Post, "content/file/files/", form);
        }

        var nowhere = await Upload(owner.Api, into: null);
        var own = await Upload(owner.Api, repository);
        var others = await Upload(other.Api, repository);

        Assert.Multiple(() =>
        {
            Assert.That(
                (nowhere.Code, nowhere.Text),
                Is.EqualTo((400, """["Destination upload repository was not provided."]"""))
            );
            Assert.That(own.Code, Is.EqualTo(202), own.Text);
            Assert.That(others.Code, Is.EqualTo(403), others.Text);
        });
    }

    [Test]
    public async Task Somebody_purges_own_tasks_alone()
    {
        var (owner, repository) = await OwnedAsync();
        using var _ = owner;
        using var other = await Server.NewUserAsync();
        var sent = await owner.Api.PatchAsync(repository, new { description = "kept" });
        await Api.CompletedAsync(sent);
        var body = new { finished_before = "2100-01-01T00:00:00Z" };

        await other.Api.CompletedAsync(await other.Api.PostAsync("tasks/purge/", body));
        var kept = (await owner.Api.GetAsync((string?)sent.Json?["task"] ?? "")).Code;
        await owner.Api.CompletedAsync(await owner.Api.PostAsync("tasks/purge/", body));
        var gone = (await Api.GetAsync((string?)sent.Json?["task"] ?? "")).Code;

        Assert.That(new[] { kept, gone }, Is.EqualTo(new[] { 200, 404 }));
    }
}
