using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Api.Tests.Users;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AccessTests(Engine engine) : ApiFixture(engine)
{
    /// <summary>What may be done with a resource, in Pulp's words.</summary>
    private static readonly string[] Verbs =
    [
        "add",
        "change",
        "delete",
        "view",
        "sync",
        "modify",
        "repair",
        "refresh",
        "purge",
        "manage_roles",
        "commit",
    ];

    /// <summary>What is done to the installation as a whole.</summary>
    private static readonly string[] OfTheWhole = ["core.orphan_cleanup", "core.repair", "core.reclaim_space"];

    private IEnumerable<Operation> Operations => Server.Services.GetRequiredService<ApiOperations>().All;

    private static string Path(Operation operation) =>
        operation
            .Route.Replace("{pulp_id}", Unknown((operation.Access as AccessRule.Policy)?.Kind))
            .Replace("{parent_id}", Unknown((operation.Access as AccessRule.Policy)?.Kind?.Parent?.Kind))
            .Replace("{number}", "0");

    private static string Unknown(ResourceKind? kind) =>
        kind is { HasIntegerKey: true } ? "999999999" : "01900000-0000-7000-8000-000000000009";

    private async Task<PulpClient> UserAsync()
    {
        var name = PulpClient.Unique();
        var made = await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        return new PulpClient(Server.Url, name, "a good one 1");
    }

    [Test]
    public async Task Nothing_but_status_livez_and_the_document_is_reachable_without_credentials()
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        var reached = new List<string>();
        foreach (var operation in Operations)
        {
            var answer = await nobody.SendAsync(
                new HttpMethod(operation.Method),
                Path(operation),
                operation.Body is null ? null : new { }
            );
            if (answer.Code != 401)
            {
                reached.Add(operation.Id);
            }
        }

        Assert.That(
            reached,
            Is.EquivalentTo(new[] { "status_read", "livez_read", "docs_api.json_get", "docs_api.yaml_get" })
        );
    }

    [Test]
    public void Every_permission_that_an_operation_asks_for_is_one_that_somebody_can_hold()
    {
        // Nobody holds what is misspelt: it would look like a refusal for ever.
        var models = Server.Services.GetRequiredService<ResourceRegistry>().All.Select(k => k.Model.Split('.'));
        var known = models
            .SelectMany(model => Verbs.Select(verb => $"{model[0]}.{verb}_{model[1]}"))
            .Concat(OfTheWhole)
            .Append("core.view_task_profile_artifacts")
            .Append("container.modify_content_containerrepository")
            .Append("container.modify_content_containerpushrepository")
            .Append("container.build_image_containerrepository")
            .ToHashSet(StringComparer.Ordinal);
        var asked = Operations
            .Select(o => o.Access)
            .OfType<AccessRule.Policy>()
            .Select(p => p.Permission)
            .OfType<string>()
            // For administrators alone.
            .Where(p => p.Length > 0)
            .ToHashSet(StringComparer.Ordinal);

        Assert.Multiple(() =>
        {
            Assert.That(asked.Except(known), Is.Empty);
            Assert.That(asked, Does.Contain("auth.change_user").And.Contain("file.sync_filerepository"));
        });
    }

    [Test]
    public void No_route_is_beside_the_operations_but_those_that_are_meant_for_anybody()
    {
        var operations = Operations.Select(o => o.Route).ToHashSet(StringComparer.Ordinal);
        var beside = Server
            .Services.GetServices<EndpointDataSource>()
            .SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>()
            .Select(e => e.RoutePattern.RawText ?? "")
            .Where(route => !operations.Contains(route))
            .Distinct(StringComparer.Ordinal);

        Assert.That(
            beside,
            Is.EquivalentTo(
                new[]
                {
                    "/",
                    "/pulp/api/v3/",
                    "/pulp/api/v3/docs/{file?}",
                    // Indexes are for anybody to read; uploads look for their callers themselves.
                    "/pypi/{**path}",
                    // Registries are for anybody to ask, and look for their callers themselves.
                    "/v2/{**path}",
                    "/extensions/v2/{**path}",
                    "/token/",
                    // Needs a signed link.
                    "/pulp/task-profiles/{task}/{name}",
                    // Answers "not found".
                    "{*path:nonfile}",
                }
            )
        );
    }

    /// <summary>
    /// Each operation as somebody without a role calls it, with an empty body and on an object that isn't there: a new operation has
    /// to be looked at here.
    /// </summary>
    [Test]
    public async Task What_a_user_without_roles_is_answered_is_what_was_verified()
    {
        using var user = await UserAsync();
        var lines = new List<string>();
        foreach (var operation in Operations.Where(o => o.Access is not AccessRule.Public))
        {
            var answer = await user.SendAsync(
                new HttpMethod(operation.Method),
                Path(operation),
                operation.Body is null ? null : new { }
            );
            if (answer.Code is not (403 or 404))
            {
                lines.Add($"{operation.Id}: {answer.Code} {(answer.Json as JsonObject)?["count"]}".TrimEnd());
            }
        }

        Snapshot.Matches(string.Join('\n', lines.Order(StringComparer.Ordinal)), extension: "txt");
    }

    [Test]
    public async Task Who_may_not_see_an_object_isnt_told_that_there_is_one()
    {
        var repository = await Api.NewRepositoryAsync();
        using var user = await UserAsync();

        var read = await user.GetAsync(repository);
        var removed = await user.SendAsync(HttpMethod.Delete, repository, body: null);
        var versions = await user.GetAsync(repository + "versions/");

        Assert.That(new[] { read.Code, removed.Code, versions.Code }, Is.All.EqualTo(404));
    }

    [Test]
    public void Every_operation_says_its_action_and_what_it_is_done_to() =>
        Snapshot.Matches(
            string.Join('\n', Operations.Select(o => $"{o.Id}: {Words(o.Access)}").Order(StringComparer.Ordinal)),
            extension: "txt"
        );

    private static string Words(AccessRule rule) =>
        rule is AccessRule.Policy policy
            ? $"{policy.Action} on {policy.Name} ({policy.Target}), {policy.Permission switch
            {
                null => "as the policy says",
                "" => "administrators",
                var permission => permission,
            }}"
            : rule.GetType().Name;

    [Test]
    public async Task Wrong_credentials_are_401_with_a_challenge()
    {
        using var wrong = new PulpClient(Server.Url, "admin", "wrong");
        using var unknown = new PulpClient(Server.Url, "nobody", TestServer.Password);

        var answer = await wrong.GetAsync("tasks/");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(answer.Code, Is.EqualTo(401));
            Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Basic realm=\"api\""));
            Assert.That((string?)answer.Json?["detail"], Is.EqualTo("Invalid username/password."));
            Assert.That((await unknown.GetAsync("tasks/")).Code, Is.EqualTo(401));
        });
    }

    [Test]
    public async Task A_session_needs_its_token_to_change_anything_and_ends_with_logout()
    {
        var login = await Api.PostAsync("login/");
        var cookies = login
            .Headers.GetValues("Set-Cookie")
            .Select(c => c.Split(';')[0])
            .ToDictionary(c => c.Split('=')[0], c => c.Split('=')[1]);
        using var browser = new PulpClient(Server.Url, null, null);
        var cookie = $"sessionid={cookies["sessionid"]}; csrftoken={cookies["csrftoken"]}";

        Task<Answer> Send(HttpMethod method, string path, bool token) =>
            browser.SendContentAsync(
                method,
                path,
                method == HttpMethod.Get ? null : new StringContent("{}", Encoding.UTF8, "application/json"),
                request =>
                {
                    request.Headers.Add("Cookie", cookie);
                    if (token)
                    {
                        request.Headers.Add("X-CSRFToken", cookies["csrftoken"]);
                    }
                }
            );

        var read = await Send(HttpMethod.Get, "login/", token: false);
        var forged = await Send(HttpMethod.Post, "orphans/cleanup/", token: false);
        var meant = await Send(HttpMethod.Post, "orphans/cleanup/", token: true);
        var logout = await Send(HttpMethod.Delete, "login/", token: true);
        var after = await Send(HttpMethod.Get, "login/", token: false);

        Assert.Multiple(() =>
        {
            Assert.That(
                login.Headers.GetValues("Set-Cookie").First(c => c.StartsWith("sessionid", StringComparison.Ordinal)),
                Does.Contain("httponly")
            );
            Assert.That((string?)read.Json?["username"], Is.EqualTo("admin"));
            Assert.That(forged.Code, Is.EqualTo(403));
            Assert.That(meant.Code, Is.EqualTo(202));
            Assert.That(logout.Code, Is.EqualTo(204));
            Assert.That(after.Code, Is.EqualTo(401));
        });
    }

    [Test]
    public async Task A_changed_password_and_a_deleted_user_count_at_once()
    {
        using var user = await UserAsync();
        var href = (string?)(await user.GetAsync("login/")).Json?["pulp_href"] ?? "";

        await Api.PatchAsync(href, new { password = "another one 2" });
        var old = await user.GetAsync("login/");
        var shown = await Api.GetAsync(href);
        var deleted = await Api.DeleteAsync(href);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(old.Code, Is.EqualTo(401));
            Assert.That(shown.Text, Does.Not.Contain("pbkdf2"));
            Assert.That(deleted.Code, Is.EqualTo(204));
            Assert.That((await Api.GetAsync(href)).Code, Is.EqualTo(404));
        });
    }

    [TestCase("{\"username\": \"has space\"}", "username")]
    [TestCase("{\"username\": \"admin\"}", "username")]
    [TestCase("{\"username\": \"x\", \"password\": \"short\"}", "non_field_errors")]
    [TestCase("{\"username\": \"x\", \"email\": \"nonsense\"}", "email")]
    public async Task Accounts_that_make_no_sense_are_refused(string json, string field)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, "users/", json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[field], Is.Not.Null);
        });
    }
}
