using Pulp.Core.Rights;

namespace Pulp.Api.Tests.Roles;

/// <summary>What statements of policies say together: expressions, denials, names of users and groups.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PolicyExpressionTests(Engine engine) : ApiFixture(engine)
{
    private const string Remotes = "remotes/file/file";

    private async Task<string> PolicyAsync(string name) =>
        (await Api.NamesAsync($"access_policies/?viewset_name={name}", "pulp_href"))[0] ?? "";

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
}
