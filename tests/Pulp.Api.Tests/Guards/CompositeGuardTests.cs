using System.Text.Json.Nodes;

namespace Pulp.Api.Tests.Guards;

/// <summary>Guards that ask others.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CompositeGuardTests(Engine engine) : GuardFixture(engine)
{
    private Task<string> HeaderAsync(string value) =>
        NewGuardAsync("core/header", new { header_name = "X-Team", header_value = value });

    [Test]
    public async Task One_that_lets_in_is_enough()
    {
        var (red, rbac) = (await HeaderAsync("red"), await NewGuardAsync("core/rbac"));
        var composite = await NewGuardAsync("core/composite", new { guards = new[] { red, rbac } });
        var (_, path) = await DistributedAsync(composite);

        var neither = await AskAsync(path + "file");
        var first = await AskAsync(path + "file", ("X-Team", Base64("red")));
        var second = await AskAsync(path + "file", Login("admin", TestServer.Password));

        Assert.Multiple(() =>
        {
            Assert.That(neither.Code, Is.EqualTo(403));
            Assert.That(
                neither.Text,
                Does.StartWith("403: Access forbidden. Refusals: [\"Guard: '").And.Contain(red).And.Contain(rbac)
            );
            Assert.That(neither.Text, Does.Contain("denial: [Access denied.]"));
            Assert.That(new[] { first.Text, second.Text }, Has.All.EqualTo(Content));
        });
    }

    [Test]
    public async Task Its_list_is_kept_in_order_and_replaced_as_a_whole()
    {
        string[] parts = [await HeaderAsync("a"), await HeaderAsync("b"), await HeaderAsync("c")];
        var composite = await NewGuardAsync("core/composite", new { guards = new[] { parts[2], parts[0], parts[2] } });

        var made = await Api.GetAsync(composite);
        await Api.PatchAsync(composite, new { description = "described" });
        var described = await Api.GetAsync(composite);
        var replaced = await Api.PatchAsync(composite, new { guards = new[] { parts[1] } });
        var emptied = await Api.PatchAsync(composite, new { guards = Array.Empty<string>() });

        Assert.Multiple(() =>
        {
            Assert.That(Guards(made), Is.EqualTo(new[] { parts[2], parts[0] }));
            Assert.That(Guards(described), Is.EqualTo(Guards(made)));
            Assert.That(Guards(replaced), Is.EqualTo(new[] { parts[1] }));
            Assert.That(Guards(emptied), Is.Empty);
        });
    }

    [Test]
    public async Task Without_guards_it_lets_nobody_in()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/composite"));

        var answer = await AskAsync(path + "file", Login("admin", TestServer.Password));

        Assert.That((answer.Code, answer.Text), Is.EqualTo((403, "403: Access forbidden. Refusals: []")));
    }

    [Test]
    public async Task It_cannot_ask_itself_nor_what_is_no_guard()
    {
        var inner = await NewGuardAsync("core/composite");
        var outer = await NewGuardAsync("core/composite", new { guards = new[] { inner } });

        var itself = await Api.PatchAsync(inner, new { guards = new[] { inner } });
        var circle = await Api.PatchAsync(inner, new { guards = new[] { outer } });
        var missing = await Api.PatchAsync(
            inner,
            new { guards = new[] { $"/pulp/api/v3/contentguards/core/rbac/{Guid.NewGuid()}/" } }
        );
        var repository = await Api.NewRepositoryAsync();
        var other = await Api.PatchAsync(inner, new { guards = new[] { repository } });
        var text = await Api.RawAsync(HttpMethod.Patch, inner, """{"guards": "x"}""");

        Assert.That(
            new[] { itself, circle, missing, other, text }.Select(a => (a.Code, a.Json?["guards"] is JsonArray)),
            Has.All.EqualTo((400, true))
        );
    }

    [Test]
    public async Task A_change_of_a_part_counts_at_once()
    {
        var part = await HeaderAsync("red");
        var inner = await NewGuardAsync("core/composite", new { guards = new[] { part } });
        var outer = await NewGuardAsync("core/composite", new { guards = new[] { inner } });
        var (_, path) = await DistributedAsync(outer);
        var red = ("X-Team", Base64("red"));

        var before = await AskAsync(path + "file", red);
        await Api.PatchAsync(part, new { header_value = "blue" });
        var changed = await AskAsync(path + "file", red);
        await Api.PatchAsync(part, new { header_value = "red" });
        await Api.PatchAsync(inner, new { guards = Array.Empty<string>() });
        var taken = await AskAsync(path + "file", red);

        Assert.That(new[] { before.Code, changed.Code, taken.Code }, Is.EqualTo(new[] { 200, 403, 403 }));
    }

    [Test]
    public async Task Guards_are_asked_however_deep_they_stand_up_to_a_number_of_them()
    {
        const int Deep = 500;
        var first = await HeaderAsync("red");
        var outer = first;
        for (var depth = 1; depth < Deep; depth++)
        {
            outer = await NewGuardAsync("core/composite", new { guards = new[] { outer } });
        }

        var (_, path) = await DistributedAsync(outer);
        var red = await AskAsync(path + "file", ("X-Team", Base64("red")));
        var blue = await AskAsync(path + "file", ("X-Team", Base64("blue")));
        var last = await NewGuardAsync("core/composite", new { guards = new[] { outer } });
        var tooMany = await Api.PostAsync(
            "contentguards/core/composite/",
            new { name = PulpClient.Unique(), guards = new[] { last } }
        );

        Assert.Multiple(() =>
        {
            Assert.That((red.Code, blue.Code), Is.EqualTo((200, 403)));
            Assert.That(blue.Text, Does.Contain(first).And.Length.LessThan(500));
            Assert.That((tooMany.Code, tooMany.Text), Is.EqualTo((400, tooMany.Text)));
            Assert.That(tooMany.Text, Does.Contain("no more than 500 guards"));
        });
    }

    private static IReadOnlyList<string?> Guards(Answer answer) =>
        [.. answer.Json?["guards"]?.AsArray().Select(g => (string?)g) ?? []];
}
