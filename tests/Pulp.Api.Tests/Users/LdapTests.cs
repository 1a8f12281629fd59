using System.Text.Json.Nodes;
using Pulp.Api.Tests.Roles;

namespace Pulp.Api.Tests.Users;

/// <summary>Users of a directory, who sign in with its passwords.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LdapTests(Engine engine)
{
    private readonly MovableClock _clock = new();
    private DirectoryServer? _directory;
    private TestServer? _server;

    private DirectoryServer People => _directory ?? throw new InvalidOperationException("The directory isn't there.");

    private TestServer Server => _server ?? throw new InvalidOperationException("The server isn't there.");

    [SetUp]
    public async Task StartAsync()
    {
        if (!DirectoryServer.IsHere)
        {
            Assert.Ignore("There is no slapd with ldapmodify here.");
        }

        _directory = await DirectoryServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ada"] = "ada's own",
                ["admin"] = "in the directory",
                ["idle"] = "idle's own",
            },
            new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
            {
                ["builders"] = ["ada", "idle"],
                ["idlers"] = ["idle"],
                ["makers"] = ["idle"],
                ["secret"] = ["ada", "idle"],
            }
        );
        var settings = SettingsWith(DirectoryServer.Suffix);
        _server = await TestServer.StartAsync(engine, s => s.Ldap = settings, clock: _clock);
    }

    private string SettingsWith(string groupBase) =>
        new JsonObject
        {
            ["url"] = $"ldap://127.0.0.1:{People.Port}",
            ["bind_dn"] = DirectoryServer.AdminDn,
            ["bind_password"] = DirectoryServer.AdminPassword,
            ["user_base"] = DirectoryServer.Suffix,
            ["group_base"] = groupBase,
            ["groups"] = new JsonObject { ["builders"] = "makers", ["idlers"] = "resting" },
        }.ToJsonString();

    [TearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            Directory.Delete(_server.Settings.DataDir, recursive: true);
        }

        if (_directory is not null)
        {
            await _directory.DisposeAsync();
        }
    }

    private async Task<Answer> SignInAsync(string name, string password, HttpMethod? method = null)
    {
        using var client = new PulpClient(Server.Url, name, password);
        return await client.SendAsync(method ?? HttpMethod.Get, "login/", null);
    }

    [Test]
    public async Task Its_users_get_accounts_and_nobody_else_does()
    {
        var ada = await SignInAsync("ada", "ada's own");
        var again = await SignInAsync("ada", "ada's own");
        var session = await SignInAsync("ada", "ada's own", HttpMethod.Post);
        Answer[] refused =
        [
            await SignInAsync("ada", "wrong"),
            await SignInAsync("ada", ""),
            await SignInAsync("nobody", "ada's own"),
            await SignInAsync("*", "ada's own"),
            await SignInAsync("ada)(cn=*", "ada's own"),
            await SignInAsync("a*", "ada's own"),
            await SignInAsync("admin", "in the directory"),
            await SignInAsync("", "x"),
        ];
        var users = await Server.Api.GetAsync("users/");

        Assert.Multiple(() =>
        {
            Assert.That((string?)ada.Json?["username"], Is.EqualTo("ada"), ada.Text);
            Assert.That(again.Href, Is.EqualTo(ada.Href));
            Assert.That(session.Code, Is.EqualTo(201));
            Assert.That(refused.Select(a => a.Code), Has.All.EqualTo(401));
            Assert.That(users.Results.Select(u => (string?)u["username"]), Is.EquivalentTo(new[] { "admin", "ada" }));
        });
    }

    [Test]
    public async Task Groups_are_those_of_the_directory_that_the_setting_names()
    {
        foreach (var name in new[] { "makers", "resting", "secret" })
        {
            Assert.That((await Server.Api.PostAsync("groups/", new { name })).Code, Is.EqualTo(201));
        }

        var ada = await SignInAsync("ada", "ada's own");
        var idle = await SignInAsync("idle", "idle's own");
        var (before, others) = (await Server.GroupsOfAsync(ada.Href), await Server.GroupsOfAsync(idle.Href));
        await People.ChangeAsync(
            $"""
            dn: cn=builders,{DirectoryServer.Suffix}
            changetype: modify
            delete: member
            member: cn=ada,{DirectoryServer.Suffix}

            """
        );
        _clock.Advance(TimeSpan.FromMinutes(6));
        await SignInAsync("ada", "ada's own");

        Assert.That(before, Is.EquivalentTo(new[] { "makers" }));
        Assert.That(others, Is.EquivalentTo(new[] { "makers", "resting" }));
        Assert.That(await Server.GroupsOfAsync(ada.Href), Is.Empty);
    }

    [Test]
    public async Task Who_has_the_right_password_gets_in_although_groups_cant_be_searched()
    {
        await Server.Api.PostAsync("groups/", new { name = "makers" });
        var before = await SignInAsync("ada", "ada's own");
        var settings = SettingsWith("ou=gone," + DirectoryServer.Suffix);
        await using var other = await TestServer.StartAsync(engine, s => s.Ldap = settings, clock: _clock);
        await other.Api.PostAsync("groups/", new { name = "makers" });
        using var client = new PulpClient(other.Url, "ada", "ada's own");
        var signedIn = await client.GetAsync("login/");
        Directory.Delete(other.Settings.DataDir, recursive: true);

        Assert.That((before.Code, signedIn.Code), Is.EqualTo((200, 200)), signedIn.Text);
    }

    [Test]
    public async Task An_account_that_is_not_active_stays_outside_whatever_the_directory_says()
    {
        var idle = await SignInAsync("idle", "idle's own");
        await Server.Api.PatchAsync(idle.Href, new { is_active = false });

        var after = await SignInAsync("idle", "idle's own");

        Assert.That((idle.Code, after.Code), Is.EqualTo((200, 401)));
    }

    [Test]
    public async Task Without_the_directory_its_users_wait_and_others_go_on()
    {
        var before = await SignInAsync("ada", "ada's own");
        await People.StopAsync();

        var remembered = await SignInAsync("ada", "ada's own");
        _clock.Advance(TimeSpan.FromMinutes(6));
        var later = await SignInAsync("ada", "ada's own");
        var local = await Server.Api.GetAsync("users/");

        Assert.Multiple(() =>
        {
            Assert.That((before.Code, remembered.Code), Is.EqualTo((200, 200)));
            Assert.That(later.Code, Is.EqualTo(503));
            Assert.That(later.Headers.RetryAfter, Is.Not.Null);
            Assert.That(local.Code, Is.EqualTo(200));
        });
    }
}
