using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Host.Commands;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Tests;

/// <summary>What plugins declare of access.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class DeclaredAccessTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task A_statement_without_conditions_lets_those_in_whom_it_names()
    {
        var name = PulpClient.Unique();
        var made = (await Api.PostAsync("images/namespaces/", new { name })).Href;
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        using var user = new PulpClient(Server.Url, name, "a good one 1");
        using var nobody = new PulpClient(Server.Url, null, null);
        using var wrong = new PulpClient(Server.Url, name, "wrong");

        async Task<int[]> CodesAsync(PulpClient client) =>
            [
                (await client.GetAsync("remotes/wheels/wheel/presets/")).Code,
                (await client.GetAsync("distributions/images/image/catalog/")).Code,
                (await client.GetAsync("images/namespaces/")).Code,
                (await client.GetAsync(made)).Code,
                // Below conditions, and a list of what only who has permissions finds.
                (await client.PostAsync("images/namespaces/", new { name = name + "-more" })).Code,
                (await client.GetAsync("distributions/images/image/")).Code,
            ];

        var ofNobody = await CodesAsync(nobody);
        var ofWrong = await CodesAsync(wrong);
        var ofUser = await CodesAsync(user);
        var ofAdmin = await CodesAsync(Api);
        var deleted = await user.DeleteAsync(made);
        var greeted = await user.GetAsync("remotes/wheels/wheel/presets/");

        Assert.Multiple(() =>
        {
            Assert.That(ofNobody, Is.EqualTo(new[] { 200, 401, 401, 401, 401, 401 }));
            Assert.That(ofWrong, Is.All.EqualTo(401));
            Assert.That(ofUser, Is.EqualTo(new[] { 200, 200, 200, 200, 403, 200 }));
            Assert.That(ofAdmin, Is.EqualTo(new[] { 200, 200, 200, 200, 201, 200 }));
            Assert.That(deleted.Code, Is.EqualTo(403));
            Assert.That((string?)greeted.Json?["master"], Is.EqualTo($"for {name}"));
        });
    }

    [Test]
    public void Operations_policies_permissions_and_roles_are_those_that_were_verified()
    {
        var text = new StringBuilder();
        var apps = new[] { "file", "images", "wheels" };
        foreach (
            var line in Server
                .Services.GetRequiredService<ApiOperations>()
                .All.Where(o => o.Access is AccessRule.Policy { Kind: { } kind } && apps.Contains(kind.AppLabel))
                .Select(o => $"{o.Id}: {Words((AccessRule.Policy)o.Access)}")
                .Order(StringComparer.Ordinal)
        )
        {
            text.AppendLine(line);
        }

        foreach (
            var plugin in Server
                .Services.GetRequiredService<PluginCatalog>()
                .Plugins.Where(p => apps.Contains(p.Identity.AppLabel))
        )
        {
            foreach (var kind in plugin.Kinds.Where(k => k.Permissions.Count > 0))
            {
                text.AppendLine($"{kind.Record.Name}: {string.Join(", ", kind.Permissions)}");
            }

            foreach (var role in plugin.Roles)
            {
                text.AppendLine($"role {role.Name}: {string.Join(", ", role.Permissions)}");
            }
        }

        Snapshot.Matches(text.ToString(), extension: "txt");
    }

    private static string Words(AccessRule.Policy rule)
    {
        var declared = rule.Kind?.PolicyNamed(rule.Name);
        var statements = (declared?.Statements ?? [])
            .Where(s => s.Actions.Contains(rule.Action))
            .Select(s =>
                $"; {(s.Denies ? "deny" : "allow")} {string.Join(", ", s.Principals)}"
                + string.Concat(s.Conditions.Concat(s.Expressions).Select((c, i) => (i == 0 ? " if " : " and ") + c))
            );
        return $"{rule.Action} on {rule.Name} ({rule.Target}), {rule.Permission}{string.Concat(statements)}";
    }

    [Test]
    public async Task What_is_misspelt_stops_the_start_each_fault_in_a_line()
    {
        var fault = await Assert.ThrowsAsync<StartFault>(async () =>
            await TestServer.StartAsync(Engine.Sqlite, extra: [new Misspelt()])
        );

        Assert.That(
            fault?.Message.Split('\n').Skip(1).Select(l => l.Trim()).Where(l => !l.Contains("table")),
            Is.EqualTo(
                new[]
                {
                    "odd.OddRepository: 'file.sync_filerepository' isn't in the format 'odd.<codename>'.",
                    "odd.OddRepository: there is no permission 'odd.tag_oddrepository'; a kind has to declare it.",
                    "odd.OddRepository: its policy speaks of an action 'retreive' that isn't there.",
                    "odd.OddRepository: its policy speaks of a principal 'somebody' that nobody can be.",
                    "odd.OddRepository: there is no permission 'odd.veiw_oddrepository'; a kind has to declare it.",
                    "odd.OddRepository: the server has no permission 'core.change_uplaod'.",
                    "The policy 'repositories/odd/odd' needs a name of its own: small letters, digits, '-', '_' and '/'.",
                    "The policy 'odd//x' needs a name of its own: small letters, digits, '-', '_' and '/'.",
                    "odd//x: there is no permission 'odd.veiw_oddrepository'; a kind has to declare it.",
                    "The role oddrepository_owner: its name has to begin with 'odd.'.",
                    "The role oddrepository_owner: 'file.view_filerepository' isn't in the format 'odd.<codename>'.",
                    "The role oddrepository_owner: the server has no permission 'core.view_taks'.",
                }
            )
        );
    }

    private sealed record OddRepository : Repository;

    private sealed class Misspelt : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("odd", "1.0.0");

        public override void Configure(IPluginBuilder plugin)
        {
            plugin
                .Repository<OddRepository>("odd")
                .Permissions("file.sync_filerepository")
                .Action<NoBody>(
                    "tag",
                    "odd.tag_oddrepository",
                    (_, _) => Task.FromResult(ActionAnswer.Started(Guid.Empty))
                )
                .Access(
                    new AccessPolicy
                    {
                        Statements =
                        [
                            new AccessStatement
                            {
                                Actions = ["retreive", "tag"],
                                Principals = ["somebody"],
                                Conditions =
                                [
                                    "has_obj_perms:odd.veiw_oddrepository",
                                    "has_obj_perms:file.any_thing",
                                    "has_obj_perms:core.change_uplaod",
                                ],
                            },
                        ],
                    }
                );
            plugin.Policy("repositories/odd/odd", new AccessPolicy());
            plugin.Policy(
                "odd//x",
                AccessPolicy.Of(AccessStatement.Allow(["look"], "has_obj_perms:odd.veiw_oddrepository"))
            );
            plugin.Role(
                new Role { Name = "oddrepository_owner", Permissions = ["file.view_filerepository", "core.view_taks"] }
            );
        }
    }
}
