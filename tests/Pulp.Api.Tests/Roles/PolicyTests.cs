using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Rights;

namespace Pulp.Api.Tests.Roles;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PolicyTests(Engine engine) : ApiFixture(engine)
{
    private const string Remotes = "remotes/file/file";

    private async Task<string> PolicyAsync(string name) =>
        (await Api.NamesAsync($"access_policies/?viewset_name={name}", "pulp_href"))[0] ?? "";

    [Test]
    public void What_the_server_ships_is_what_was_verified() =>
        Snapshot.Matches(
            string.Join(
                '\n',
                Server
                    .Services.GetRequiredService<ShippedPolicies>()
                    .All.Select(p => p.ToRow())
                    .Select(p =>
                        $"{p.ViewsetName}\n  hooks {p.CreationHooks ?? "none"}, scoping {p.QuerysetScoping ?? "none"}\n  "
                        + p.Statements.Replace("},{", "}\n  {", StringComparison.Ordinal)
                    )
            ),
            extension: "txt"
        );

    [Test]
    public async Task A_policy_is_written_counts_at_once_and_is_reset()
    {
        var policy = await PolicyAsync(Remotes);
        using var user = await Server.NewUserAsync();
        object[] open =
        [
            new
            {
                action = new[] { "create", "list" },
                principal = "authenticated",
                effect = "allow",
            },
        ];
        object Body() => new { name = PulpClient.Unique(), url = "http://upstream.test/" };

        var before = await user.Api.PostAsync("remotes/file/file/", Body());
        var written = await Api.PatchAsync(policy, new { statements = open });
        var made = await user.Api.PostAsync("remotes/file/file/", Body());
        var byAdmin = await Api.GetAsync(made.Href);
        var reset = await Api.PostAsync(policy + "reset/");
        var again = await Api.GetAsync(made.Href);
        var after = await user.Api.PostAsync("remotes/file/file/", Body());

        Assert.Multiple(() =>
        {
            Assert.That(before.Code, Is.EqualTo(403));
            Assert.That((bool?)written.Json?["customized"], Is.True, written.Text);
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That(byAdmin.Code, Is.EqualTo(403), "administrators aren't exempt");
            Assert.That((bool?)reset.Json?["customized"], Is.False);
            Assert.That(again.Code, Is.EqualTo(200));
            Assert.That(after.Code, Is.EqualTo(403));
        });
    }

    [TestCase("""{"statements": [{"action": "list"}]}""", "needs 'action', 'principal'")]
    [TestCase("""{"statements": [{"action": "list", "principal": "*", "effect": "maybe"}]}""", "'allow' or 'deny'")]
    [TestCase(
        """{"statements": [{"action": "fly", "principal": "*", "effect": "allow"}]}""",
        "There is no action 'fly'"
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "root", "effect": "allow"}]}""",
        "Nobody can be 'root'."
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "condition": "is_tuesday"}]}""",
        "There is no condition 'is_tuesday'."
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "condition": "has_model_perms"}]}""",
        "needs a permission"
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "condition": "has_model_perms:file.fly"}]}""",
        "Permission 'file.fly' does not exist."
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "condition_expression": "(has_model_perms:core.view_task"}]}""",
        "A parenthesis isn't closed."
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "extra": 1}]}""",
        "Nothing here is called 'extra'."
    )]
    [TestCase("""{"statements": "all"}""", "statements")]
    [TestCase(
        """{"creation_hooks": [{"function": "explode", "parameters": {}}]}""",
        "There is no creation hook 'explode'."
    )]
    [TestCase(
        """{"creation_hooks": [{"function": "add_roles_for_object_creator", "parameters": {"roles": "no.such"}}]}""",
        "Object with name=no.such does not exist."
    )]
    [TestCase(
        """{"creation_hooks": [{"function": "add_roles_for_object_creator", "parameters": {"roles": "core.task_owner"}}]}""",
        "The role 'core.task_owner' does not carry any permission for such an object."
    )]
    [TestCase(
        """{"statements": [{"action": "list", "principal": "*", "effect": "allow", "condition_expression": "not has_model_perms:file.fly"}]}""",
        "Permission 'file.fly' does not exist."
    )]
    [TestCase(
        """{"statements": [{"action": "retrieve", "principal": "*", "effect": "allow", "condition": "has_obj_perms:file.view_fileremote"}]}""",
        "Permission 'file.view_fileremote' isn't about objects of 'repositories/file/file'."
    )]
    [TestCase("""{"queryset_scoping": {}}""", "scope_queryset")]
    [TestCase(
        """{"creation_hooks": null, "permissions_assignment": [{"function": "add_roles_for_object_creator", "parameters": {"roles": "core.task_owner"}}]}""",
        "Cannot specify both 'permissions_assignment' and 'creation_hooks'."
    )]
    public async Task What_cant_work_is_refused_when_it_is_written(string body, string message)
    {
        var policy = await PolicyAsync("repositories/file/file");

        var refused = await Api.RawAsync(HttpMethod.Patch, policy, body);
        var stored = await Api.GetAsync(policy);

        Assert.Multiple(() =>
        {
            Assert.That((refused.Code, refused.Text), Is.EqualTo((400, refused.Text)));
            Assert.That(refused.Text, Does.Contain(message));
            Assert.That((bool?)stored.Json?["customized"], Is.False);
        });
    }

    [Test]
    public async Task What_is_shipped_can_be_written_back()
    {
        foreach (var policy in (await Api.GetAsync("access_policies/?limit=1000")).Results)
        {
            var href = (string?)policy["pulp_href"] ?? "";
            var names = new[] { "statements", "creation_hooks", "queryset_scoping" };
            var body = new JsonObject(names.Select(n => KeyValuePair.Create(n, policy[n]?.DeepClone())));
            var written = await Api.RawAsync(HttpMethod.Patch, href, body.ToJsonString());
            var reset = await Api.PostAsync(href + "reset/");

            Assert.That(written.Code, Is.EqualTo(200), $"{policy["viewset_name"]}: {written.Text}");
            Assert.That(reset.Code, Is.EqualTo(200), $"{policy["viewset_name"]}: {reset.Text}");
        }
    }

    [Test]
    public async Task Signing_in_goes_by_a_policy_too()
    {
        var policy = await PolicyAsync("login");
        using var user = await Server.NewUserAsync();
        object[] lookOnly =
        [
            new
            {
                action = "retrieve",
                principal = "authenticated",
                effect = "allow",
            },
            new
            {
                action = "*",
                principal = "admin",
                effect = "allow",
            },
        ];

        var before = await user.Api.PostAsync("login/");
        var written = await Api.PatchAsync(policy, new { statements = lookOnly });
        var read = await user.Api.GetAsync("login/");
        var session = await user.Api.PostAsync("login/");
        var account = await user.Api.PatchAsync("login/", new { first_name = "Ada" });
        var byAdmin = await Api.PostAsync("login/");
        await Api.PostAsync(policy + "reset/");
        var after = await user.Api.PostAsync("login/");

        Assert.Multiple(() =>
        {
            Assert.That(written.Code, Is.EqualTo(200), written.Text);
            Assert.That((before.Code, read.Code, session.Code), Is.EqualTo((201, 200, 403)));
            Assert.That((account.Code, byAdmin.Code, after.Code), Is.EqualTo((403, 201, 201)));
        });
    }

    [Test]
    public async Task An_expression_has_a_length_at_which_it_is_still_asked_safely()
    {
        var policy = await PolicyAsync("acs/file/file");
        string Body(int conditions) =>
            $$"""
                {"statements": [{"action": "list", "principal": "*", "effect": "allow",
                  "condition_expression": "{{string.Join(
                    " or ",
                    Enumerable.Repeat("has_model_perms:core.view_task", conditions)
                )}}"}]}
                """;

        var longest = await Api.RawAsync(HttpMethod.Patch, policy, Body(500));
        var listed = await Api.GetAsync("acs/file/file/");
        var longer = await Api.RawAsync(HttpMethod.Patch, policy, Body(100_000));
        await Api.PostAsync(policy + "reset/");

        Assert.That((longest.Code, listed.Code, longer.Code), Is.EqualTo((200, 200, 400)), longest.Text);
        Assert.That(longer.Text, Does.Contain("at most 1000 words"));
    }

    [TestCase("has_model_perms:core.view_task or has_model_perms:file.view_fileremote", true)]
    [TestCase("has_model_perms:core.view_task and has_model_perms:file.view_fileremote", false)]
    [TestCase("not has_model_perms:core.view_task", true)]
    [TestCase("not (has_model_perms:core.view_task or has_model_perms:file.view_fileremote)", false)]
    [TestCase(
        "has_model_perms:core.view_task and has_model_perms:core.view_task or has_model_perms:file.view_fileremote",
        true
    )]
    public async Task Expressions_join_conditions(string expression, bool allows)
    {
        var policy = await PolicyAsync("acs/file/file");
        using var user = await Server.NewUserAsync("file.fileremote_viewer");
        object[] statements =
        [
            new
            {
                action = "list",
                principal = "authenticated",
                effect = "allow",
                condition_expression = expression,
            },
        ];

        var written = await Api.PatchAsync(policy, new { statements });
        var listed = await user.Api.GetAsync("acs/file/file/");
        await Api.PostAsync(policy + "reset/");

        Assert.That(written.Code, Is.EqualTo(200), written.Text);
        Assert.That(listed.Code, Is.EqualTo(allows ? 200 : 403));
    }

    [Test]
    public async Task A_denial_wins_and_speaks_of_users_and_groups_by_name()
    {
        var policy = await PolicyAsync("publications/file/file");
        using var user = await Server.NewUserAsync();
        using var member = await Server.NewUserAsync();
        var group = PulpClient.Unique();
        await Server.NewGroupAsync(group, member);
        object Statement(string principal, string effect) =>
            new
            {
                action = "list",
                principal,
                effect,
            };

        await Api.PatchAsync(
            policy,
            new { statements = new[] { Statement("authenticated", "allow"), Statement($"group:{group}", "deny") } }
        );
        var codes = new[]
        {
            (await user.Api.GetAsync("publications/file/file/")).Code,
            (await member.Api.GetAsync("publications/file/file/")).Code,
        };
        await Api.PostAsync(policy + "reset/");

        Assert.That(codes, Is.EqualTo(new[] { 200, 403 }));
    }

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
    public async Task A_condition_on_what_is_sent_holds_too_where_nothing_is()
    {
        var policy = await PolicyAsync(Remotes);
        var remote = await Api.NewRemoteAsync("http://upstream.test/PULP_MANIFEST");
        using var user = await Server.NewUserAsync("file.fileremote_viewer");
        object[] statements =
        [
            new
            {
                action = "retrieve",
                principal = "authenticated",
                effect = "allow",
                condition = "has_required_repo_perms_on_upload:file.modify_filerepository",
            },
        ];

        var before = await user.Api.GetAsync(remote);
        var written = await Api.PatchAsync(policy, new { statements });
        var refused = await user.Api.GetAsync(remote);
        await Api.PostAsync(policy + "reset/");

        Assert.That(written.Code, Is.EqualTo(200), written.Text);
        Assert.That(new[] { before.Code, refused.Code }, Is.EqualTo(new[] { 200, 400 }));
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

    [Test]
    public async Task Policies_are_listed_by_name()
    {
        var listed = await Api.NamesAsync("access_policies/?limit=1000", "viewset_name");
        var byName = await Api.NamesAsync("access_policies/?limit=1000&ordering=viewset_name", "viewset_name");

        Assert.That(listed, Is.Not.Empty.And.EqualTo(byName));
    }

    [Test]
    public async Task Policies_are_for_administrators()
    {
        using var user = await Server.NewUserAsync();

        Assert.That((await user.Api.GetAsync("access_policies/")).Code, Is.EqualTo(403));
        Assert.That((await user.Api.GetAsync(await PolicyAsync(Remotes))).Code, Is.EqualTo(403));
    }
}
