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
