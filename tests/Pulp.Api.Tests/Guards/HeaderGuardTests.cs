namespace Pulp.Api.Tests.Guards;

/// <summary>Guards that ask for a header.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HeaderGuardTests(Engine engine) : GuardFixture(engine)
{
    private Task<string> GuardAsync(string? filter = null) =>
        NewGuardAsync(
            "core/header",
            new
            {
                header_name = "X-Team",
                header_value = "red",
                jq_filter = filter,
            }
        );

    [Test]
    public async Task The_value_in_base64_opens_it_and_nothing_else_does()
    {
        var (_, path) = await DistributedAsync(await GuardAsync());

        var right = await AskAsync(path + "file", ("x-team", Base64("red")));
        var hit = await AskAsync(path + "file", ("X-TEAM", Base64("red")));
        string?[] wrong = [null, "", "red", Base64("blue"), Base64("red "), Base64(""), "????", Base64("\"red\"")];
        var refused = new List<Answer>();
        foreach (var value in wrong)
        {
            refused.Add(await AskAsync(path + "file", value is null ? [] : [("X-Team", value)]));
        }

        Assert.Multiple(() =>
        {
            Assert.That(right.Text, Is.EqualTo(Content));
            Assert.That(hit.Text, Is.EqualTo(Content));
            Assert.That(refused.Select(r => r.Code), Has.All.EqualTo(403));
            Assert.That(refused.Select(r => r.Text), Has.All.EqualTo("403: Access denied."));
        });
    }

    [TestCase("""{"user": {"teams": ["blue", "red"]}}""", ".user.teams[1]", 200)]
    [TestCase("""{"user": {"teams": ["blue", "red"]}}""", ".user.teams[-1]", 200)]
    [TestCase("""{"user": {"teams": ["blue", "red"]}}""", ".user | .teams | .[1]", 200)]
    [TestCase("""{"user": {"teams": ["red", "blue"]}}""", """.["user"]."teams"[]""", 200)]
    [TestCase("""{"user": {"teams": ["blue", "red"]}}""", ".user.teams[]", 403)]
    [TestCase("""{"user": ["red"]}""", ".user.teams", 403)]
    [TestCase("""[1, {"team": "red"}]""", ".[] | .team", 403)]
    [TestCase("""[1, {"team": "red"}]""", ".[] | .team?", 200)]
    [TestCase("""{"user": {"teams": []}}""", ".user.teams[]", 403)]
    [TestCase("""{"team": 1}""", ".team", 403)]
    [TestCase("not json", ".team", 403)]
    [TestCase("\"red\"", ".", 200)]
    public async Task A_filter_picks_the_value_out_of_json(string document, string filter, int expected)
    {
        var (_, path) = await DistributedAsync(await GuardAsync(filter));

        var answer = await AskAsync(path + "file", ("X-Team", Base64(document)));

        Assert.That(answer.Code, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_guard_that_cannot_work_is_refused_when_it_is_written()
    {
        var made = await Api.PostAsync(
            "contentguards/core/header/",
            new
            {
                name = PulpClient.Unique(),
                header_name = "not a header",
                header_value = "x",
                jq_filter = ".a | map(.b)",
            }
        );
        var guard = await GuardAsync();
        var changed = await Api.PatchAsync(guard, new { jq_filter = "." + new string('[', 2000) });

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(400));
            Assert.That(made.Json?["header_name"], Is.Not.Null);
            Assert.That((string?)made.Json?["jq_filter"]?[0], Does.Contain("character 9"));
            Assert.That(changed.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task A_changed_guard_counts_at_once()
    {
        var guard = await GuardAsync();
        var (_, path) = await DistributedAsync(guard);
        var before = await AskAsync(path + "file", ("X-Team", Base64("red")));

        var changed = await Api.PatchAsync(guard, new { header_value = "green" });
        var old = await AskAsync(path + "file", ("X-Team", Base64("red")));
        var now = await AskAsync(path + "file", ("X-Team", Base64("green")));

        Assert.That(new[] { before.Code, changed.Code, old.Code, now.Code }, Is.EqualTo(new[] { 200, 200, 403, 200 }));
    }
}
