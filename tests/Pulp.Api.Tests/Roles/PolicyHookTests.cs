namespace Pulp.Api.Tests.Roles;

/// <summary>What policies do beside letting in: roles for who creates something, and what lists are of.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PolicyHookTests(Engine engine) : ApiFixture(engine)
{
    private async Task<string> PolicyAsync(string name) =>
        (await Api.NamesAsync($"access_policies/?viewset_name={name}", "pulp_href"))[0] ?? "";

    [Test]
    public async Task Hooks_give_roles_to_others_too_and_without_scoping_everything_is_found()
    {
        var policy = await PolicyAsync("distributions/file/file");
        using var member = await Server.NewUserAsync();
        using var stranger = await Server.NewUserAsync();
        var group = PulpClient.Unique();
        await Server.NewGroupAsync(group, member);
        object[] hooks =
        [
            new
            {
                function = "add_roles_for_groups",
                parameters = new { roles = "file.filedistribution_viewer", groups = group },
            },
        ];

        var written = await Api.PatchAsync(policy, new { creation_hooks = hooks });
        var (distribution, _) = await Api.NewDistributionAsync(new { });
        var codes = new[]
        {
            (await member.Api.GetAsync(distribution)).Code,
            (await stranger.Api.GetAsync(distribution)).Code,
        };
        await Api.PatchAsync(policy, new { queryset_scoping = (object?)null });
        var listed = await stranger.Api.NamesAsync("distributions/file/file/", "pulp_href");
        var read = await stranger.Api.GetAsync(distribution);
        await Api.PostAsync(policy + "reset/");

        Assert.Multiple(() =>
        {
            Assert.That(written.Code, Is.EqualTo(200), written.Text);
            Assert.That(codes, Is.EqualTo(new[] { 200, 404 }));
            Assert.That(listed, Does.Contain(distribution));
            Assert.That(read.Code, Is.EqualTo(403));
        });
    }

    [Test]
    public async Task Who_owns_tasks_is_said_by_their_policy()
    {
        var policy = await PolicyAsync("tasks");
        using var sender = await Server.NewUserAsync("file.filerepository_creator");
        using var watcher = await Server.NewUserAsync();
        var repository = await sender.Api.NewRepositoryAsync();
        object[] hooks =
        [
            new
            {
                function = "add_roles_for_users",
                parameters = new { roles = "core.task_viewer", users = watcher.Name },
            },
        ];

        var written = await Api.PatchAsync(policy, new { creation_hooks = hooks });
        var sent = await sender.Api.PatchAsync(repository, new { description = "watched" });
        await Api.CompletedAsync(sent);
        await Api.PostAsync(policy + "reset/");
        var codes = new[] { (await sender.Api.GetAsync(sent.Task)).Code, (await watcher.Api.GetAsync(sent.Task)).Code };

        Assert.That(written.Code, Is.EqualTo(200), written.Text);
        Assert.That(codes, Is.EqualTo(new[] { 404, 200 }));
    }

    [Test]
    public async Task Hidden_repositories_are_nobodys_whatever_the_hooks_say()
    {
        var policy = await PolicyAsync("repositories/file/file");
        using var member = await Server.NewUserAsync();
        object[] hooks =
        [
            new
            {
                function = "add_roles_for_users",
                parameters = new { roles = "file.filerepository_viewer", users = member.Name },
            },
        ];
        Upstream.With("a.txt", "a").Listed();
        var remote = await Api.NewRemoteAsync(Upstream.Manifest, "on_demand");
        var source = await Api.PostAsync("acs/file/file/", new { name = PulpClient.Unique(), remote });

        await Api.PatchAsync(policy, new { creation_hooks = hooks });
        var refreshed = await Api.PostAsync(source.Href + "refresh/");
        await Api.PostAsync(policy + "reset/");
        var lists = new[]
        {
            await member.Api.GetAsync("repositories/"),
            await member.Api.GetAsync("repositories/file/file/"),
            await member.Api.GetAsync("repositories/file/file/?name__contains=repository"),
        };

        Assert.That(refreshed.Code, Is.EqualTo(202), refreshed.Text);
        Assert.That(lists.Select(l => (int?)l.Json?["count"]), Has.All.Zero);
    }

    [Test]
    public async Task A_role_that_a_policy_gives_cant_be_removed()
    {
        var policy = await PolicyAsync("uploads");
        var name = PulpClient.Unique();
        var role = (await Api.PostAsync("roles/", new { name, permissions = new[] { "core.view_upload" } })).Href;
        await Api.PatchAsync(
            policy,
            new
            {
                creation_hooks = new[]
                {
                    new { function = "add_roles_for_object_creator", parameters = new { roles = name } },
                },
            }
        );

        var refused = await Api.DeleteAsync(role);
        await Api.PostAsync(policy + "reset/");
        var removed = await Api.DeleteAsync(role);

        Assert.That(new[] { refused.Code, removed.Code }, Is.EqualTo(new[] { 409, 204 }));
    }
}
