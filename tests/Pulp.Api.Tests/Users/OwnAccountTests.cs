namespace Pulp.Api.Tests.Users;

/// <summary>What users change of their own accounts.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OwnAccountTests(Engine engine) : ApiFixture(engine)
{
    private const string Old = "a good one 1";
    private const string New = "another good 2";

    private async Task<string> UserAsync()
    {
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = Old });
        return name;
    }

    [Test]
    public async Task Names_and_address_are_changed_and_nothing_else()
    {
        using var own = new PulpClient(Server.Url, await UserAsync(), Old);

        var changed = await own.PatchAsync("login/", new { first_name = "Ada", email = "ada@example.org" });
        var wrong = await own.PatchAsync("login/", new { email = "nowhere" });
        var taken = await own.PatchAsync("login/", new { username = "admin" });
        var raised = await own.PatchAsync(
            "login/",
            new
            {
                is_superuser = true,
                is_staff = true,
                password = New,
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That(changed.Code, Is.EqualTo(200), changed.Text);
            Assert.That(
                ((string?)changed.Json?["first_name"], (string?)changed.Json?["email"]),
                Is.EqualTo(("Ada", "ada@example.org"))
            );
            Assert.That(wrong.Json?["email"], Is.Not.Null);
            Assert.That(taken.Json?["username"], Is.Not.Null);
            Assert.That(raised.Code, Is.EqualTo(400));
            Assert.That(raised.Json?.AsObject().Count, Is.EqualTo(3));
        });
    }

    [Test]
    public async Task A_new_password_takes_the_old_one()
    {
        var name = await UserAsync();
        using var own = new PulpClient(Server.Url, name, Old);
        using var renewed = new PulpClient(Server.Url, name, New);

        var without = await own.PatchAsync("login/", new { new_password = New });
        var wrong = await own.PatchAsync("login/", new { old_password = "wrong", new_password = New });
        var same = await own.PatchAsync("login/", new { old_password = Old, new_password = Old });
        var weak = await own.PatchAsync("login/", new { old_password = Old, new_password = "1234" });
        var right = await own.PatchAsync("login/", new { old_password = Old, new_password = New });
        var before = await own.GetAsync("login/");
        var after = await renewed.GetAsync("login/");

        Assert.Multiple(() =>
        {
            Assert.That(new[] { without, wrong, same, weak }.Select(a => a.Code), Has.All.EqualTo(400));
            Assert.That((string?)wrong.Json?["non_field_errors"]?[0], Is.EqualTo("Old password is incorrect."));
            Assert.That((right.Code, before.Code, after.Code), Is.EqualTo((200, 401, 200)));
        });
    }
}
