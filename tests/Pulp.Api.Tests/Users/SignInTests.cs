using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;
using Pulp.Core.Users;
using Pulp.PluginSdk.Data;

namespace Pulp.Api.Tests.Users;

/// <summary>Passwords and sessions, as those see them who guess, change or steal them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignInTests(Engine engine) : ApiFixture(engine)
{
    private const string Good = "a good one 1";
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    private async Task<(string Name, string Href)> UserAsync(string? password = Good)
    {
        var name = PulpClient.Unique();
        return (name, (await Api.PostAsync("users/", new { username = name, password })).Href);
    }

    /// <summary>One request by basic authentication, from an address of the test's choice.</summary>
    private async Task<Answer> SignInAsync(string address, string name, string password)
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        return await nobody.SendContentAsync(
            HttpMethod.Get,
            "login/",
            null,
            request =>
            {
                request.Headers.Add("X-Forwarded-For", address);
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))
                );
            }
        );
    }

    private async Task<Answer[]> GuessAsync(string address, string name, int times) =>
        await Task.WhenAll(Enumerable.Range(0, times).Select(i => SignInAsync(address, name, $"guess {i}")));

    [Test]
    public async Task Who_guesses_is_told_to_wait_and_keeps_nobody_else_out()
    {
        var (name, _) = await UserAsync();
        await SignInAsync("192.0.2.1", name, Good);

        var guesses = await GuessAsync("192.0.2.1", name, 24);
        var known = await SignInAsync("192.0.2.1", name, Good);
        var elsewhere = await SignInAsync("192.0.2.2", "admin", TestServer.Password);
        var guessed = await SignInAsync("192.0.2.3", name, Good);

        Assert.Multiple(() =>
        {
            Assert.That(guesses.Select(g => g.Code).Distinct(), Is.EquivalentTo(new[] { 401, 429 }));
            var told = guesses.First(g => g.Code == 429);
            Assert.That(told.Headers.RetryAfter?.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(
                (string?)told.Json?["detail"],
                Does.Match(@"^Request was throttled\. Expected available in \d+ seconds?\.$")
            );
            Assert.That(known.Code, Is.EqualTo(200), "checked before, same address");
            Assert.That(elsewhere.Code, Is.EqualTo(200), "another account from another address");
            Assert.That(guessed.Code, Is.EqualTo(200), "the guessed account from an address that has not failed");
        });
    }

    [Test]
    public async Task A_client_that_repeats_one_wrong_password_is_not_taken_for_a_guesser()
    {
        var (name, _) = await UserAsync();

        var repeated = new List<int>();
        for (var i = 0; i < 30; i++)
        {
            repeated.Add((await SignInAsync("192.0.2.10", name, "outdated")).Code);
        }

        var corrected = await SignInAsync("192.0.2.10", name, Good);

        Assert.Multiple(() =>
        {
            Assert.That(repeated, Is.All.EqualTo(401));
            Assert.That(corrected.Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_password_that_was_wrong_counts_once_it_is_set()
    {
        var (name, href) = await UserAsync();
        var before = await SignInAsync("192.0.2.20", name, "the next one 2");

        await Api.PatchAsync(href, new { password = "the next one 2" });
        var after = await SignInAsync("192.0.2.20", name, "the next one 2");

        Assert.Multiple(() =>
        {
            Assert.That(before.Code, Is.EqualTo(401));
            Assert.That(after.Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_changed_password_ends_the_sessions_of_its_account_and_no_others()
    {
        var (name, href) = await UserAsync();
        using var session = await Session.OpenAsync(Server.Url, name, Good);
        using var other = await Session.OpenAsync(Server.Url, "admin", TestServer.Password);
        var before = await session.GetAsync("login/");

        await Api.PatchAsync(href, new { password = "another one 2" });
        var after = await session.GetAsync("login/");
        await Api.PatchAsync(href, new { password = Good });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(before.Code, Is.EqualTo(200));
            Assert.That(after.Code, Is.EqualTo(401));
            Assert.That((await session.GetAsync("login/")).Code, Is.EqualTo(401), "ended for good");
            Assert.That((await other.GetAsync("login/")).Code, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_deactivated_account_loses_its_sessions_for_good()
    {
        var (name, href) = await UserAsync();
        using var session = await Session.OpenAsync(Server.Url, name, Good);

        await Api.PatchAsync(href, new { is_active = false });
        var inactive = await session.GetAsync("login/");
        await Api.PatchAsync(href, new { is_active = true });
        var again = await session.GetAsync("login/");

        Assert.That((inactive.Code, again.Code), Is.EqualTo((401, 401)));
    }

    [Test]
    public async Task A_session_accepts_no_token_but_its_own()
    {
        using var mine = await Session.OpenAsync(Server.Url, "admin", TestServer.Password);
        using var attackers = await Session.OpenAsync(Server.Url, "admin", TestServer.Password);

        // Whoever can set cookies for the host plants a token and sends the same one as the header.
        var planted = await mine.PostAsync("orphans/cleanup/", attackers.Token);
        var madeUp = await mine.PostAsync("orphans/cleanup/", "0123456789abcdef0123456789abcdef");
        var own = await mine.PostAsync("orphans/cleanup/", mine.Token);

        Assert.Multiple(() =>
        {
            Assert.That((planted.Code, madeUp.Code), Is.EqualTo((403, 403)));
            Assert.That((string?)planted.Json?["detail"], Does.StartWith("CSRF Failed: "));
            Assert.That(own.Code, Is.EqualTo(202));
        });
    }

    [Test]
    public async Task A_session_ends_after_two_weeks_also_where_it_was_just_used()
    {
        using var session = await Session.OpenAsync(Server.Url, "admin", TestServer.Password);

        _clock.Advance(TimeSpan.FromDays(14) - TimeSpan.FromMinutes(1));
        var late = await session.GetAsync("login/");
        _clock.Advance(TimeSpan.FromMinutes(2));
        var after = await session.GetAsync("login/");

        Assert.That((late.Code, after.Code), Is.EqualTo((200, 401)));
    }

    [Test]
    public async Task Who_has_guessed_may_try_again_after_a_while()
    {
        var (name, _) = await UserAsync();
        // Each wrong guess doubles the wait. On to a long one: a short one may be over before a slow machine sends the next request.
        var wait = TimeSpan.Zero;
        for (var i = 0; wait < TimeSpan.FromSeconds(20); i++)
        {
            _clock.Advance(wait);
            var told = await SignInAsync("192.0.2.30", name, $"guess {i}");
            wait = told.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        }

        var early = await SignInAsync("192.0.2.30", name, Good);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var later = await SignInAsync("192.0.2.30", name, Good);

        Assert.That((early.Code, later.Code), Is.EqualTo((429, 200)));
    }

    [Test]
    public async Task Every_refusal_is_the_same_work_whatever_account_it_is_about()
    {
        var (usual, _) = await UserAsync();
        var (without, _) = await UserAsync(password: null);
        var (inactive, inactiveHref) = await UserAsync();
        await Api.PatchAsync(inactiveHref, new { is_active = false });
        var (weak, _) = await UserAsync();
        await Server
            .Services.GetRequiredService<Database>()
            .ExecuteAsync(
                $"update core_user set password = 'pbkdf2_sha256$1000$salt$AAAA' where username = {weak}",
                CancellationToken.None
            );
        var passwords = Server.Services.GetRequiredService<PasswordWork>();

        var work = new List<long>();
        foreach (var name in new[] { usual, without, inactive, weak, "nobody at all" })
        {
            var before = passwords.Iterations;
            var answer = await SignInAsync($"192.0.2.{40 + work.Count}", name, "wrong");
            Assert.That(answer.Code, Is.EqualTo(401));
            work.Add(passwords.Iterations - before);
        }

        Assert.That(work, Is.All.EqualTo(PasswordHash.Iterations));
    }

    [Test]
    public async Task A_challenge_does_not_make_browsers_ask_when_a_script_was_refused()
    {
        using var nobody = new PulpClient(Server.Url, null, null);

        var script = await nobody.SendContentAsync(
            HttpMethod.Get,
            "login/",
            null,
            request => request.Headers.Add("X-Requested-With", "XMLHttpRequest")
        );

        Assert.Multiple(() =>
        {
            Assert.That(script.Code, Is.EqualTo(401));
            Assert.That(script.Headers.WwwAuthenticate.ToString(), Is.EqualTo("xBasic realm=\"api\""));
        });
    }

    /// <summary>A browser that has signed in.</summary>
    private sealed class Session : IDisposable
    {
        private readonly PulpClient _client;
        private readonly string _id;

        private Session(string url, string id, string token)
        {
            _client = new PulpClient(url, null, null);
            _id = id;
            Token = token;
        }

        public string Token { get; }

        public static async Task<Session> OpenAsync(string url, string name, string password)
        {
            using var client = new PulpClient(url, name, password);
            var login = await client.PostAsync("login/");
            Assert.That(login.Code, Is.EqualTo(201), login.Text);
            var cookies = login
                .Headers.GetValues("Set-Cookie")
                .Select(c => c.Split(';')[0].Split('='))
                .ToDictionary(c => c[0], c => c[1]);
            return new Session(url, cookies["sessionid"], cookies["csrftoken"]);
        }

        public Task<Answer> GetAsync(string path) =>
            _client.SendContentAsync(
                HttpMethod.Get,
                path,
                null,
                request => request.Headers.Add("Cookie", $"sessionid={_id}")
            );

        public Task<Answer> PostAsync(string path, string token) =>
            _client.SendContentAsync(
                HttpMethod.Post,
                path,
                new StringContent("{}", Encoding.UTF8, "application/json"),
                request =>
                {
                    request.Headers.Add("Cookie", $"sessionid={_id}; csrftoken={token}");
                    request.Headers.Add("X-CSRFToken", token);
                }
            );

        public void Dispose() => _client.Dispose();
    }
}
