using System.Net.Http.Headers;

namespace Pulp.Api.Tests.Users;

/// <summary>Personal access tokens, as those see them who use, lose, find and forge them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AccessTokenTests(Engine engine) : ApiFixture(engine)
{
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    private async Task<string> HrefOfAdminAsync() => (await Api.GetAsync("login/")).Href;

    private async Task<Answer> NewTokenAsync(object? more = null) =>
        await Api.PostAsync(
            await HrefOfAdminAsync() + "tokens/",
            PulpClient.Merge(new { name = PulpClient.Unique() }, more)
        );

    private static string TextOf(Answer made) => (string?)made.Json?["token"] ?? made.Text;

    private async Task<Answer> AskAsync(HttpMethod method, string path, AuthenticationHeaderValue credentials)
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        return await nobody.SendContentAsync(method, path, null, r => r.Headers.Authorization = credentials);
    }

    private Task<Answer> AskAsync(string token) => AskAsync(HttpMethod.Get, "users/", new("Bearer", token));

    private static AuthenticationHeaderValue Basic(string name, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    [Test]
    public async Task A_token_stands_for_the_account_as_bearer_and_as_password()
    {
        var made = await NewTokenAsync();
        var token = TextOf(made);

        var bearer = await AskAsync(token);
        var again = await AskAsync(token);
        var password = await AskAsync(HttpMethod.Get, "users/", Basic("admin", token));
        var anyName = await AskAsync(HttpMethod.Get, "users/", Basic("__token__", token));
        var otherName = await AskAsync(HttpMethod.Get, "users/", Basic("somebody", token));
        var list = await Api.GetAsync(await HrefOfAdminAsync() + "tokens/");
        var listed = list.Results.First(t => (string?)t["pulp_href"] == made.Href);

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201));
            Assert.That(token, Does.Match("^pulp_[A-Za-z0-9_-]{43}$"));
            Assert.That(new[] { bearer, again, password, anyName }.Select(a => a.Code), Has.All.EqualTo(200));
            Assert.That(otherName.Code, Is.EqualTo(401));
            Assert.That(list.Text, Does.Not.Contain(token).And.Not.Contain(token[5..]));
            Assert.That((string?)listed["last_used"], Is.Not.Null);
            Assert.That((string?)listed["scope"], Is.EqualTo("full"));
        });
    }

    [Test]
    public async Task One_that_may_only_read_changes_nothing()
    {
        var token = TextOf(await NewTokenAsync(new { scope = "read_only" }));
        var repository = await Api.NewRepositoryAsync();
        var bearer = new AuthenticationHeaderValue("Bearer", token);

        var read = await AskAsync(HttpMethod.Get, repository, bearer);
        var deleted = await AskAsync(HttpMethod.Delete, repository, bearer);
        var login = await AskAsync(HttpMethod.Post, "login/", bearer);
        var asPassword = await AskAsync(HttpMethod.Delete, repository, Basic("admin", token));
        var there = await Api.GetAsync(repository);

        Assert.Multiple(() =>
        {
            Assert.That(new[] { read.Code, there.Code }, Has.All.EqualTo(200));
            Assert.That(new[] { deleted, login, asPassword }.Select(a => a.Code), Has.All.EqualTo(403));
            Assert.That((string?)deleted.Json?["detail"], Is.EqualTo("This token may only read."));
        });
    }

    [Test]
    public async Task No_token_outlives_itself_by_what_it_makes()
    {
        var token = TextOf(await NewTokenAsync());
        var bearer = new AuthenticationHeaderValue("Bearer", token);

        var login = await AskAsync(HttpMethod.Post, "login/", bearer);
        var another = await AskAsync(HttpMethod.Post, await HrefOfAdminAsync() + "tokens/", bearer);

        Assert.That(new[] { login.Code, another.Code }, Has.All.EqualTo(403));
    }

    [Test]
    public async Task Ended_expired_and_forged_ones_let_nobody_in()
    {
        var ended = await NewTokenAsync();
        var expiring = TextOf(await NewTokenAsync(new { expires_at = _clock.GetUtcNow().AddHours(1) }));
        var text = TextOf(ended);
        var before = new[] { await AskAsync(text), await AskAsync(expiring) };

        var deleted = await Api.DeleteAsync(ended.Href);
        var afterEnd = await AskAsync(text);
        var password = await AskAsync(HttpMethod.Get, "users/", Basic("admin", text));
        _clock.Advance(TimeSpan.FromMinutes(61));
        var late = await AskAsync(expiring);
        var forged = await AskAsync(text[..^2] + "zz");
        var odd = await AskAsync("pulp_x");
        var again = await Api.DeleteAsync(ended.Href);
        var past = await NewTokenAsync(new { expires_at = _clock.GetUtcNow().AddHours(-1) });

        Assert.Multiple(() =>
        {
            Assert.That(before.Select(a => a.Code), Has.All.EqualTo(200));
            Assert.That(deleted.Code, Is.EqualTo(204));
            Assert.That(new[] { afterEnd, password, late, forged, odd }.Select(a => a.Code), Has.All.EqualTo(401));
            Assert.That((again.Code, past.Code), Is.EqualTo((404, 400)));
        });
    }

    [Test]
    public async Task Others_tokens_are_nobodys_business_but_administrators()
    {
        var name = PulpClient.Unique();
        var user = (await Api.PostAsync("users/", new { username = name, password = "a good one 1" })).Href;
        using var own = new PulpClient(Server.Url, name, "a good one 1");
        var adminsTokens = await HrefOfAdminAsync() + "tokens/";
        var adminsToken = await NewTokenAsync();

        var made = await own.PostAsync(user + "tokens/", new { name = "mine" });
        var same = await own.PostAsync(user + "tokens/", new { name = "mine" });
        var read = await own.GetAsync(adminsTokens);
        var planted = await own.PostAsync(adminsTokens, new { name = "theirs" });
        var ended = await own.DeleteAsync(adminsToken.Href);
        var crossed = await own.DeleteAsync(user + "tokens/" + adminsToken.Href.Split('/')[^2] + "/");
        var unknown = await own.GetAsync("users/999999/tokens/");
        var byAdmin = await Api.GetAsync(user + "tokens/");
        await Api.PatchAsync(user, new { is_active = false });
        var inactive = await AskAsync(HttpMethod.Get, "login/", new("Bearer", TextOf(made)));
        await Api.PatchAsync(user, new { is_active = true });
        await Api.DeleteAsync(user);
        var gone = await AskAsync(HttpMethod.Get, "login/", new("Bearer", TextOf(made)));

        Assert.Multiple(() =>
        {
            Assert.That((made.Code, same.Code), Is.EqualTo((201, 400)));
            Assert.That(new[] { read, planted, ended, crossed, unknown }.Select(a => a.Code), Has.All.EqualTo(404));
            Assert.That(byAdmin.Results, Has.Count.EqualTo(1));
            Assert.That(new[] { inactive.Code, gone.Code }, Has.All.EqualTo(401));
        });
    }

    [Test]
    public async Task A_token_opens_a_guard_until_it_is_ended()
    {
        var guard = (await Api.PostAsync("contentguards/core/rbac/", new { name = PulpClient.Unique() })).Href;
        var (_, path) = await Api.NewDistributionAsync(new { content_guard = guard });
        var made = await NewTokenAsync(new { scope = "read_only" });
        var basic = Basic("admin", TextOf(made));

        var open = new[] { await AskAsync(HttpMethod.Get, path, basic), await AskAsync(HttpMethod.Get, path, basic) };
        var bearer = await AskAsync(HttpMethod.Get, path, new("Bearer", TextOf(made)));
        await Api.DeleteAsync(made.Href);
        var ended = await AskAsync(HttpMethod.Get, path, basic);

        Assert.Multiple(() =>
        {
            // Behind the guard there is nothing.
            Assert.That(open.Append(bearer).Select(a => a.Code), Has.All.EqualTo(404));
            Assert.That(ended.Code, Is.EqualTo(403));
        });
    }
}
