using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Pulp.Api.Tests.Roles;

namespace Pulp.Api.Tests.Users;

/// <summary>Tokens of issuers that the settings name, as people and CI jobs bring them, and as others make them up.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OidcTests(Engine engine)
{
    private const string Audience = "pulp.example.org";
    private readonly RSA _key = RSA.Create(2048);
    private readonly MovableClock _clock = new();
    private FakeUpstream? _issuer;
    private TestServer? _server;

    private FakeUpstream Issuer => _issuer ?? throw new InvalidOperationException("The issuer isn't there.");

    private TestServer Server => _server ?? throw new InvalidOperationException("The server isn't there.");

    private string IssuerName => Issuer.Url.TrimEnd('/');

    [SetUp]
    public async Task StartAsync()
    {
        _issuer = await FakeUpstream.StartAsync();
        Publish(_key, "one");
        var providers = new JsonArray(
            new JsonObject
            {
                ["issuer"] = IssuerName,
                ["audience"] = Audience,
                ["username_claim"] = "preferred_username",
                ["create"] = true,
                ["groups_claim"] = "groups",
                ["rules"] = new JsonArray(
                    new JsonObject
                    {
                        ["user"] = "ci",
                        ["claims"] = new JsonObject { ["repository"] = "acme/*", ["ref"] = "refs/heads/main" },
                    },
                    new JsonObject
                    {
                        ["user"] = "admin",
                        ["claims"] = new JsonObject { ["sub"] = "operator" },
                    }
                ),
            }
        ).ToJsonString();
        _server = await TestServer.StartAsync(engine, s => s.OidcProviders = providers, clock: _clock);
        await Server.Api.PostAsync("users/", new { username = "ci" });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Server.Settings.DataDir, recursive: true);
        await Issuer.DisposeAsync();
    }

    [OneTimeTearDown]
    public void ForgetKey() => _key.Dispose();

    private void Publish(RSA key, string id)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        var keys = new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA",
                    use = "sig",
                    kid = id,
                    n = Base64UrlEncoder.Encode(parameters.Modulus),
                    e = Base64UrlEncoder.Encode(parameters.Exponent),
                },
            },
        };
        Issuer.With("keys", JsonSerializer.Serialize(keys));
        Issuer.With(
            ".well-known/openid-configuration",
            JsonSerializer.Serialize(new { issuer = IssuerName, jwks_uri = $"{IssuerName}/keys" })
        );
    }

    private string Token(
        object claims,
        RSA? key = null,
        string id = "one",
        string? audience = Audience,
        string? issuer = null,
        TimeSpan? life = null
    )
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer ?? IssuerName,
                Audience = audience,
                NotBefore = now.AddMinutes(-10),
                Expires = now + (life ?? TimeSpan.FromMinutes(5)),
                Claims = JsonSerializer
                    .SerializeToNode(claims)!
                    .AsObject()
                    .ToDictionary(
                        c => c.Key,
                        c =>
                            c.Value is JsonArray list
                                ? list.Select(i => (string?)i).ToArray()
                                : (object)c.Value!.ToString()
                    ),
                SigningCredentials = new SigningCredentials(
                    new RsaSecurityKey(key ?? _key) { KeyId = id },
                    SecurityAlgorithms.RsaSha256
                ),
            }
        );
    }

    private async Task<Answer> AskAsync(string token, string path = "login/", HttpMethod? method = null)
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        return await nobody.SendContentAsync(
            method ?? HttpMethod.Get,
            path,
            null,
            request => request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token)
        );
    }

    [Test]
    public async Task People_are_who_their_claim_says_and_jobs_whom_a_rule_says()
    {
        var person = await AskAsync(Token(new { preferred_username = "ada" }));
        var again = await AskAsync(Token(new { preferred_username = "ada" }));
        var job = await AskAsync(
            Token(
                new
                {
                    sub = "x",
                    repository = "acme/tools",
                    @ref = "refs/heads/main",
                }
            )
        );
        var operators = await AskAsync(Token(new { sub = "operator" }), "users/");
        var session = await AskAsync(Token(new { sub = "operator" }), "login/", HttpMethod.Post);

        Assert.Multiple(() =>
        {
            Assert.That((string?)person.Json?["username"], Is.EqualTo("ada"), person.Text);
            Assert.That(again.Href, Is.EqualTo(person.Href));
            Assert.That((string?)job.Json?["username"], Is.EqualTo("ci"));
            Assert.That(operators.Code, Is.EqualTo(200));
            Assert.That(session.Code, Is.EqualTo(403), "a session would outlive the token");
        });
    }

    [Test]
    public async Task Groups_follow_the_claim_and_those_made_here_stay()
    {
        var (writers, readers, own) = (PulpClient.Unique(), PulpClient.Unique(), PulpClient.Unique());
        foreach (var name in new[] { writers, readers, own })
        {
            Assert.That((await Server.Api.PostAsync("groups/", new { name })).Code, Is.EqualTo(201));
        }

        var group = (await Server.Api.GetAsync($"groups/?name={writers}")).Results[0]["pulp_href"]!.ToString();
        await Server.Api.GiveAsync(group, "file.filerepository_creator");
        string Person(params string[] groups) => Token(new { preferred_username = "grace", groups });

        var first = await AskAsync(Person(writers, readers, "not here"));
        var user = first.Href;
        var mine = await Server.Api.PostAsync(
            (await Server.Api.GetAsync($"groups/?name={own}")).Results[0]["pulp_href"] + "users/",
            new { username = "grace" }
        );
        var made = await AskAsync(Person(writers, readers), "repositories/file/file/", HttpMethod.Post);
        var atFirst = await Server.GroupsOfAsync(user);
        await AskAsync(Person(readers));
        var later = await Server.GroupsOfAsync(user);
        var refused = await AskAsync(Person(readers), "repositories/file/file/", HttpMethod.Post);
        await AskAsync(Token(new { preferred_username = "grace", groups = readers }));
        var byText = await Server.GroupsOfAsync(user);
        await AskAsync(Token(new { preferred_username = "grace" }));
        var atLast = await Server.GroupsOfAsync(user);

        Assert.Multiple(() =>
        {
            Assert.That(mine.Code, Is.EqualTo(201));
            Assert.That(made.Code, Is.EqualTo(400), "it may, and sent nothing");
            Assert.That(atFirst, Is.EquivalentTo(new[] { writers, readers, own }));
            Assert.That(later, Is.EquivalentTo(new[] { readers, own }));
            Assert.That(refused.Code, Is.EqualTo(403));
            Assert.That(byText, Is.EquivalentTo(new[] { readers, own }));
            Assert.That(atLast, Is.EquivalentTo(new[] { own }));
        });
    }

    [Test]
    public async Task What_is_said_here_too_stays_when_the_issuer_takes_it_back()
    {
        var name = PulpClient.Unique();
        var group = (await Server.Api.PostAsync("groups/", new { name })).Json?["pulp_href"]?.ToString();
        var user = (await AskAsync(Token(new { preferred_username = "lin", groups = new[] { name } }))).Href;

        var added = await Server.Api.PostAsync(group + "users/", new { username = "lin" });
        await AskAsync(Token(new { preferred_username = "lin", groups = Array.Empty<string>() }));

        Assert.That(added.Code, Is.EqualTo(201), added.Text);
        Assert.That(await Server.GroupsOfAsync(user), Is.EqualTo(new[] { name }));
    }

    [Test]
    public async Task Who_has_no_account_by_claim_or_rule_stays_outside()
    {
        string[] tokens =
        [
            Token(new { sub = "x" }),
            Token(new { repository = "acme/tools/deeper", @ref = "refs/heads/main" }),
            Token(new { repository = "acme/tools", @ref = "refs/heads/main2" }),
            Token(new { repository = "evil/acme/tools", @ref = "refs/heads/main" }),
            Token(new { preferred_username = "admin" }),
            Token(new { preferred_username = "no name" }),
            Token(new { preferred_username = "a\nb" }),
            Token(new { preferred_username = new string('a', 151) }),
        ];
        var answers = new List<Answer>();
        foreach (var token in tokens)
        {
            answers.Add(await AskAsync(token));
        }

        Assert.That(answers.Select(a => a.Code), Has.All.EqualTo(401));
    }

    [Test]
    public async Task Forged_late_and_misdirected_tokens_let_nobody_in()
    {
        using var other = RSA.Create(2048);
        var claims = new { preferred_username = "ada" };
        var good = Token(claims);
        var parts = good.Split('.');
        var secret = Base64UrlEncoder.Encode(_key.ExportSubjectPublicKeyInfo());
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + parts[1] + ".";
        var symmetric = new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = IssuerName,
                Audience = Audience,
                Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["preferred_username"] = "ada" },
                SigningCredentials = new SigningCredentials(
                    new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)) { KeyId = "one" },
                    SecurityAlgorithms.HmacSha256
                ),
            }
        );
        string[] tokens =
        [
            Token(claims, key: other),
            Token(claims, key: other, id: "two"),
            Token(claims, audience: "somebody.else"),
            Token(claims, audience: null),
            Token(claims, issuer: "https://else.example.org"),
            Token(claims, life: TimeSpan.FromMinutes(-2)),
            $"{parts[0]}.{Base64UrlEncoder.Encode("{}")}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            unsigned,
            symmetric,
            "a.b.c",
            "...",
        ];
        var answers = new List<Answer>();
        foreach (var token in tokens)
        {
            answers.Add(await AskAsync(token));
        }

        var right = await AskAsync(good);
        _clock.Advance(TimeSpan.FromMinutes(7));
        var late = await AskAsync(good);

        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => a.Code), Has.All.EqualTo(401).Or.EqualTo(429));
            Assert.That((right.Code, late.Code), Is.EqualTo((200, 401)));
        });
    }

    [Test]
    public async Task New_keys_are_found_and_an_issuer_that_is_away_keeps_its_old_ones()
    {
        using var next = RSA.Create(2048);
        var claims = new { preferred_username = "ada" };
        var first = await AskAsync(Token(claims));
        Publish(next, "two");
        _clock.Advance(TimeSpan.FromMinutes(1));
        var renewed = await AskAsync(Token(claims, key: next, id: "two"));
        await Issuer.DisposeAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        var away = await AskAsync(Token(claims, key: next, id: "two"));

        Assert.That(new[] { first.Code, renewed.Code, away.Code }, Has.All.EqualTo(200));
    }

    [Test]
    public async Task An_issuer_that_was_never_there_is_an_error_of_its_own()
    {
        await Issuer.DisposeAsync();

        var answer = await AskAsync(Token(new { preferred_username = "ada" }));

        Assert.That((answer.Code, answer.Text), Is.EqualTo((502, answer.Text)));
        Assert.That(answer.Text, Does.Contain("can't be read"));
    }
}
