using Pulp.Api.Tests.Roles;

namespace Pulp.Api.Tests.Processes;

/// <summary><c>pulp admin explain</c>: why somebody may do something, or may not.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Self)]
public sealed class ExplainTests(Engine engine) : ProcessFixture(engine)
{
    private const string Sync = "repositories_file_file_sync";

    private async Task<IReadOnlyList<string>> ExplainAsync(params string[] arguments)
    {
        var (code, output, errors) = await ServerProcess.RunAsync([
            "admin",
            "explain",
            .. arguments,
            "--data-dir",
            Data,
            "--database",
            Database,
            "--domain-enabled",
            "true",
        ]);
        return [$"{code}", .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries), .. errors.Split('\n')];
    }

    [Test]
    public async Task It_names_statement_role_group_and_place()
    {
        await using var server = await ServeAsync("--domain-enabled", "true");
        var api = server.Api;
        var ada = (await api.PostAsync("users/", new { username = "ada" })).Href;
        var makers = (await api.PostAsync("groups/", new { name = "makers" })).Href;
        await api.PostAsync(makers + "users/", new { username = "ada" });
        var repository = (await api.PostAsync("repositories/file/file/", new { name = "here" })).Href;
        await Pulp.Testing.Tenants.MakeAsync(api);
        var there = (await api.PostAsync("/pulp/blue/api/v3/repositories/file/file/", new { name = "there" })).Href;
        var blue = (await api.GetAsync("domains/?name=blue")).Results[0]["pulp_href"];

        var stranger = await ExplainAsync("ada", Sync, repository);
        await api.GiveAsync(ada, "file.filerepository_viewer", repository);
        var viewer = await ExplainAsync("ada", Sync, repository);
        await api.GiveAsync(makers, "file.filerepository_owner", repository);
        var owner = await ExplainAsync("ada", Sync, repository);
        await api.PostAsync(
            makers + "roles/",
            new
            {
                role = "file.filerepository_owner",
                content_object = (string?)null,
                domain = blue,
            }
        );
        await api.PostAsync(
            makers + "roles/",
            new
            {
                role = "file.filerepository_creator",
                content_object = (string?)null,
                domain = blue,
            }
        );
        var inBlue = await ExplainAsync("ada", Sync, there);
        var makesInBlue = await ExplainAsync("ada", "repositories_file_file_create", "--domain", "blue");
        var makesHere = await ExplainAsync("ada", "repositories_file_file_create");
        var administrators = await ExplainAsync("ada", "users_create");
        var admin = await ExplainAsync("admin", "users_create");

        Assert.Multiple(() =>
        {
            Assert.That(stranger, Has.Some.EqualTo("no (404): the object isn't there, or may not be viewed."));
            Assert.That(viewer, Has.Some.StartsWith("no (403): no statement of the policy"));
            Assert.That(
                viewer,
                Has.Some.EqualTo("    by the role file.filerepository_viewer on the object"),
                string.Join('\n', viewer)
            );
            Assert.That(owner[0], Is.EqualTo("0"));
            Assert.That(
                owner,
                Has.Some.EqualTo("    by the role file.filerepository_owner on the object, through the group makers"),
                string.Join('\n', owner)
            );
            Assert.That(inBlue, Has.Some.StartsWith("yes").Or.Some.StartsWith("it depends"), string.Join('\n', inBlue));
            Assert.That(
                inBlue,
                Has.Some.EqualTo(
                    "    by the role file.filerepository_owner in the domain blue, through the group makers"
                )
            );
            Assert.That(makesInBlue, Has.None.StartsWith("no"), string.Join('\n', makesInBlue));
            Assert.That(makesHere, Has.Some.StartsWith("no (403)"), string.Join('\n', makesHere));
            Assert.That(administrators, Has.Some.EqualTo("no: only administrators may do this."));
            Assert.That(admin, Has.Some.EqualTo("yes: only administrators may do this."));
        });
    }

    [Test]
    public async Task What_is_not_there_is_said_in_a_line()
    {
        await using var server = await ServeAsync();

        foreach (
            var arguments in new[]
            {
                new[] { "nobody", Sync },
                ["admin", "make_tea"],
                ["admin", Sync],
                ["admin", Sync, "/pulp/api/v3/nothing/"],
                ["admin", "repositories_file_file_create", "--domain", "green"],
            }
        )
        {
            var lines = await ExplainAsync(arguments);
            Assert.That(lines[0], Is.EqualTo("1"), string.Join('\n', lines));
            Assert.That(lines.Where(l => l.Trim().Length > 0).ToList(), Has.Count.EqualTo(2), string.Join('\n', lines));
        }
    }
}
