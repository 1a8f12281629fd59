namespace PulpContainer.Tests.Registry;

/// <summary>Who may push to a name that isn't there yet, and what belongs to him then.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FirstPushRightsTests(Engine engine) : RegistryFixture(engine)
{
    private const string Password = "Long-enough-1234";

    [Test]
    public async Task First_pushes_go_by_the_policies_of_namespaces_and_distributions()
    {
        var (user, other) = (await NewUserAsync(), await NewUserAsync());
        await PushBlobAsync($"{other}/app", [1]);
        var namespaces = await PolicyAsync("pulp_container/namespaces");
        var distributions = await PolicyAsync("distributions/container/container");

        var before = await FirstAsync(other);
        await AdministratorsAloneAsync(distributions);
        var withoutDistribution = await FirstAsync(user);
        await ResetAsync(distributions);
        await AdministratorsAloneAsync(namespaces);
        var withoutNamespace = await FirstAsync(user);
        var withNamespace = await FirstAsync(other);
        await AdministratorsAloneAsync(distributions);
        var neither = await FirstAsync(other);
        await ResetAsync(namespaces);
        await ResetAsync(distributions);
        var again = await FirstAsync(user);

        Assert.That(
            new[] { before, withoutDistribution, withoutNamespace, withNamespace, neither, again }.Select(r =>
                r.Status
            ),
            Is.EqualTo([202, 403, 403, 202, 403, 202])
        );
    }

    [Test]
    public async Task Who_pushes_first_owns_the_namespace_the_repository_and_the_distribution()
    {
        var user = await NewUserAsync();
        await FirstAsync(user, $"{user}/app");

        var owned = new List<string?>();
        foreach (
            var list in new[]
            {
                $"pulp_container/namespaces/?name={user}",
                $"repositories/container/container/?name={user}/app",
                $"distributions/container/container/?name={user}/app",
            }
        )
        {
            var href = (string?)(await Api.GetAsync(list)).Results[0]["pulp_href"];
            var roles = (await Api.GetAsync($"{href}list_roles/")).Json?["roles"]?.AsArray() ?? [];
            owned.AddRange(
                roles
                    .Where(r => r?["users"]?.AsArray().Any(u => (string?)u == user) == true)
                    .Select(r => (string?)r?["role"])
            );
        }

        Assert.That(
            owned,
            Is.EqualTo([
                "container.containernamespace_owner",
                "container.containerrepository_owner",
                "container.containerdistribution_owner",
            ])
        );
    }

    [Test]
    public async Task A_repository_that_is_not_served_is_taken_by_those_alone_who_may_fill_it()
    {
        var user = await NewUserAsync();
        var name = $"{user}/app";
        var repository = (await Api.PostAsync("repositories/container/container/", new { name })).Href;
        var distributions = await PolicyAsync("distributions/container/container");

        var (refused, nobodys) = (await FirstAsync(user, name), await SendAsync("POST", Uploads(name), with: AsNobody));
        var role = new { role = "container.containerrepository_content_manager", users = new[] { user } };
        Assert.That((await Api.PostAsync(repository + "add_role/", role)).Code, Is.EqualTo(201));
        await AskForAsync(distributions, "delete_containerrepository");
        var unowned = await FirstAsync(user, name);
        await AskForAsync(distributions, "modify_content_containerrepository");
        var taken = await FirstAsync(user, name);
        await ResetAsync(distributions);

        var served = (await Api.GetAsync($"distributions/container/container/?name={name}")).Results;
        Assert.Multiple(() =>
        {
            Assert.That((refused.Status, refused.Error), Is.EqualTo((403, "DENIED")));
            Assert.That(nobodys.Status, Is.EqualTo(401));
            Assert.That(unowned.Status, Is.EqualTo(403), "the policy sees which repository it is");
            Assert.That(taken.Status, Is.EqualTo(202), taken.Text);
            Assert.That(served.Select(d => (string?)d["repository"]), Is.EqualTo([repository]));
        });
    }

    private async Task<string> NewUserAsync()
    {
        var name = PulpClient.Unique().ToLowerInvariant();
        var made = await Api.PostAsync("users/", new { username = name, password = Password });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        return name;
    }

    /// <summary>A first push to a name, or to one of his own.</summary>
    private Task<Reply> FirstAsync(string user, string? name = null) =>
        SendAsync("POST", Uploads(name ?? $"{user}/{PulpClient.Unique()}"), with: Basic(user, Password));

    private static string Uploads(string name) => $"{name}/blobs/uploads/";

    private async Task<string> PolicyAsync(string name) =>
        (string?)(await Api.GetAsync($"access_policies/?viewset_name={name}")).Results[0]["pulp_href"] ?? "";

    private Task<Answer> AdministratorsAloneAsync(string policy) =>
        Api.PatchAsync(
            policy,
            new
            {
                statements = new[]
                {
                    new
                    {
                        action = new[] { "*" },
                        principal = "admin",
                        effect = "allow",
                    },
                },
            }
        );

    /// <summary>Lets those make distributions who have a permission on the repository.</summary>
    private async Task AskForAsync(string policy, string permission)
    {
        var condition = $"has_repo_or_repo_ver_param_model_or_domain_or_obj_perms:container.{permission}";
        var statement = new
        {
            action = new[] { "create" },
            principal = "authenticated",
            effect = "allow",
            condition = new[] { condition },
        };
        var patched = await Api.PatchAsync(policy, new { statements = new[] { statement } });
        Assert.That(patched.Code, Is.EqualTo(200), patched.Text);
    }

    private Task<Answer> ResetAsync(string policy) => Api.PostAsync(policy + "reset/", new { });
}
