namespace Pulp.Api.Tests.Guards;

/// <summary>Guards that ask for a permission, and every way around them that comes to mind.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RbacGuardTests(Engine engine) : GuardFixture(engine)
{
    private const string Unknown = "403: Authentication credentials were not provided.";
    private const string NotAllowed = "403: You do not have permission to perform this action.";

    [Test]
    public async Task Who_signed_in_and_may_download_gets_in()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });

        var nobody = await AskAsync(path + "file");
        var wrong = await AskAsync(path + "file", Login("admin", "wrong"));
        var stranger = await AskAsync(path + "file", Login(name, "a good one 1"));
        var admin = await AskAsync(path + "file", Login("admin", TestServer.Password));

        Assert.Multiple(() =>
        {
            Assert.That(nobody.Text, Is.EqualTo(Unknown));
            Assert.That(wrong.Text, Is.EqualTo(Unknown));
            Assert.That(stranger.Text, Is.EqualTo(NotAllowed));
            Assert.That(new[] { nobody.Code, wrong.Code, stranger.Code }, Has.All.EqualTo(403));
            Assert.That(nobody.Headers.WwwAuthenticate, Is.Empty);
            Assert.That(admin.Text, Is.EqualTo(Content));
        });
    }

    [Test]
    public async Task A_role_on_the_guard_lets_in_and_its_end_shuts_out()
    {
        const string role = "core.rbaccontentguard_downloader";
        const string password = "a good one 1";
        var guard = await NewGuardAsync("core/rbac");
        var (_, path) = await DistributedAsync(guard);
        var (one, other, group) = (PulpClient.Unique(), PulpClient.Unique(), PulpClient.Unique());
        await Api.PostAsync("users/", new { username = one, password });
        await Api.PostAsync("users/", new { username = other, password });
        var members = (await Api.PostAsync("groups/", new { name = group })).Href;
        await Api.PostAsync(members + "users/", new { username = other });
        async Task<(int, int)> TriedAsync() =>
            (
                (await AskAsync(path + "file", Login(one, password))).Code,
                (await AskAsync(path + "file", Login(other, password))).Code
            );

        var before = await TriedAsync();
        await Api.PostAsync(guard + "add_role/", new { users = new[] { one }, role });
        var given = await TriedAsync();
        await Api.PostAsync(guard + "add_role/", new { groups = new[] { group }, role });
        var both = await TriedAsync();
        await Api.PostAsync(guard + "remove_role/", new { users = new[] { one }, role });
        var taken = await TriedAsync();

        Assert.That(
            new[] { before, given, both, taken },
            Is.EqualTo(new[] { (403, 403), (200, 403), (200, 200), (403, 200) })
        );
    }

    [Test]
    public async Task The_policy_in_force_says_who_downloads()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        var policy = (await Api.GetAsync("access_policies/?viewset_name=contentguards/core/rbac")).Results[0];
        var others = policy["statements"]!.AsArray().Where(s => !s!["action"]!.ToJsonString().Contains("download"));
        async Task<(int, int, int)> TriedAsync(params object[] download)
        {
            var written = await Api.PatchAsync(
                (string)policy["pulp_href"]!,
                new { statements = others.Concat(download).ToList() }
            );
            Assert.That(written.Code, Is.EqualTo(200), written.Text);
            return (
                (await AskAsync(path + "file")).Code,
                (await AskAsync(path + "file", Login(name, "a good one 1"))).Code,
                (await AskAsync(path + "file", Login("admin", TestServer.Password))).Code
            );
        }

        static object Allow(string principal) =>
            new
            {
                action = "download",
                principal,
                effect = "allow",
            };
        var nobody = await TriedAsync();
        var signedIn = await TriedAsync(Allow("authenticated"));
        var anybody = await TriedAsync(Allow("*"));
        await Api.PostAsync((string)policy["pulp_href"]! + "reset/", new { });
        var shipped = (await AskAsync(path + "file", Login(name, "a good one 1"))).Code;

        Assert.Multiple(() =>
        {
            Assert.That(nobody, Is.EqualTo((403, 403, 403)));
            Assert.That(signedIn, Is.EqualTo((403, 200, 200)));
            Assert.That(anybody, Is.EqualTo((200, 200, 200)));
            Assert.That(shipped, Is.EqualTo(403));
        });
    }

    [Test]
    public async Task A_session_counts_too()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));
        var login = await Api.PostAsync("login/");
        var cookie = login
            .Headers.GetValues("Set-Cookie")
            .First(c => c.StartsWith("sessionid=", StringComparison.Ordinal));

        var answer = await AskAsync(path + "file", ("Cookie", cookie.Split(';')[0]));
        var made = await AskAsync(path + "file", ("Cookie", "sessionid=" + new string('a', 64)));

        Assert.That(new[] { answer.Code, made.Code }, Is.EqualTo(new[] { 200, 403 }));
    }

    [Test]
    public async Task No_spelling_of_a_path_and_no_kind_of_request_gets_around_it()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));
        var (_, open) = await DistributedAsync(guard: null);
        var admin = Login("admin", TestServer.Password);
        await AskAsync(path + "file", admin);
        await AskAsync(path, admin);
        var name = path.Split('/')[^2];
        string[] spellings =
        [
            path,
            path.TrimEnd('/'),
            path + "file",
            path + "nothing",
            path + "file/",
            path + "/file",
            path + "./file",
            path + "a/../file",
            path + "%2e/file",
            path + "a/%2e%2e/file",
            path + "f%69le",
            path + "file?x=y",
            path + "file?expires=1&validate_token=00:00",
            $"{open}../{name}/file",
            $"{open}%2e%2e/{name}/file",
            $"/pulp/content/./{name}/file",
            $"/pulp/./content/{name}/file",
            $"/pulp/content/%74{name[1..]}/file",
        ];
        string[] elsewhere =
        [
            $"/pulp/content//{name}/file",
            $"//pulp/content/{name}/file",
            $"/pulp/content/{name}%2Ffile",
            $"/pulp/content/{name.ToUpperInvariant()}/file",
            $"/PULP/CONTENT/{name}/file",
            $"/pulp/content/{name}\\file",
        ];
        var seen = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var one in spellings.Concat(elsewhere))
        {
            seen[one] = await RawAsync(one);
        }

        var head = await AskAsync(HttpMethod.Head, path + "file");
        var range = await AskAsync(path + "file", ("Range", "bytes=0-3"));
        var condition = await AskAsync(path + "file", ("If-None-Match", "*"));
        var modified = await AskAsync(path + "file", ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"));

        Assert.Multiple(() =>
        {
            Assert.That(spellings.Where(s => seen[s].Code != 403), Is.Empty);
            Assert.That(elsewhere.Where(s => seen[s].Code is not (403 or 404 or 400)), Is.Empty);
            Assert.That(seen.Values.Select(a => a.Text), Has.None.Contain(Content).And.None.Contain("href=\"file\""));
            Assert.That(new[] { head, range, condition, modified }.Select(a => a.Code), Has.All.EqualTo(403));
        });
    }

    /// <summary>The path as it is written, which the usual client would tidy.</summary>
    private async Task<Answer> RawAsync(string path)
    {
        var server = new Uri(Server.Url);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n\r\n")
        );
        var answer = await new StreamReader(stream).ReadToEndAsync();
        var code = int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        using var message = new HttpResponseMessage((System.Net.HttpStatusCode)code);
        return new Answer(message.StatusCode, null, message.Headers, answer);
    }

    [Test]
    public async Task The_reason_stands_in_the_status_line()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));

        var answer = await RawAsync(path + "file");

        Assert.That(answer.Text, Does.StartWith("HTTP/1.1 403 Authentication credentials were not provided.\r\n"));
    }

    [Test]
    public async Task A_guard_that_something_needs_is_not_deleted()
    {
        var guard = await NewGuardAsync("core/rbac");
        var composite = await NewGuardAsync("core/composite", new { guards = new[] { guard } });
        var (distribution, path) = await DistributedAsync(guard);

        var needed = await Api.DeleteAsync(guard);
        var afterwards = await AskAsync(path + "file");
        await Api.CompletedAsync(await Api.DeleteAsync(distribution));
        var stillNeeded = await Api.DeleteAsync(guard);
        var deleted = await Api.DeleteAsync(composite);
        var free = await Api.DeleteAsync(guard);

        Assert.Multiple(() =>
        {
            Assert.That(needed.Code, Is.EqualTo(409));
            Assert.That(
                (string?)needed.Json?["detail"],
                Is.EqualTo("This rbac content guard is still used by other resources.")
            );
            Assert.That(afterwards.Code, Is.EqualTo(403));
            Assert.That(new[] { stillNeeded.Code, deleted.Code, free.Code }, Is.EqualTo(new[] { 409, 204, 204 }));
        });
    }

    [Test]
    public async Task A_listing_above_shows_the_distribution_and_nothing_of_it()
    {
        var (_, path) = await DistributedAsync(await NewGuardAsync("core/rbac"));

        var listing = await AskAsync("/pulp/content/");

        Assert.That(listing.Text, Does.Contain(path.Split('/')[^2]).And.Not.Contain(Content));
        Assert.That(listing.Text, Does.Not.Contain(path + "file"));
    }
}
