using System.Net.Http.Headers;

namespace PulpContainer.Tests.Tokens;

/// <summary>The token service, and who may pull and push.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TokenTests(Engine engine) : RegistryFixture(engine)
{
    private const string Password = "Long-enough-1234";

    [Test]
    public async Task Who_is_not_known_is_told_where_tokens_come_from()
    {
        using var nobody = new PulpClient(Server.Url, user: null, password: null);
        var answer = await nobody.GetAsync("/v2/");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(401));
            Assert.That((string?)answer.Json?["errors"]?[0]?["code"], Is.EqualTo("UNAUTHORIZED"));
            Assert.That(
                string.Join(", ", answer.Headers.NonValidated["WWW-Authenticate"]),
                Is.EqualTo($"Bearer realm=\"{Server.Url}/token/\",service=\"{new Uri(Server.Url).Authority}\"")
            );
        });
    }

    [Test]
    public async Task A_token_lets_in_for_what_it_was_given_for()
    {
        var (name, other) = (NewName(), NewName());
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var token = await TokenAsync($"repository:{name}:pull,push", "admin");

        var known = await GetAsync("", As(token));
        var pushed = await SendAsync("POST", $"{name}/blobs/uploads/", with: As(token));
        var elsewhere = await SendAsync("POST", $"{other}/blobs/uploads/", with: As(token));
        var changed = await GetAsync("", As(token[..^4] + "AAAA"));
        var nonsense = await GetAsync("", As("a.b.c"));

        Assert.Multiple(() =>
        {
            Assert.That(known.Status, Is.EqualTo(200));
            Assert.That(pushed.Status, Is.EqualTo(202), pushed.Text);
            Assert.That(elsewhere.Status, Is.EqualTo(401));
            Assert.That(elsewhere.Header("WWW-Authenticate"), Does.Contain($"repository:{other}:pull,push"));
            Assert.That(elsewhere.Header("WWW-Authenticate"), Does.Contain("insufficient_scope"));
            Assert.That(changed.Status, Is.EqualTo(401));
            Assert.That(nonsense.Status, Is.EqualTo(401));
        });
    }

    [Test]
    public async Task A_token_of_an_account_that_may_only_read_gives_no_right_to_push()
    {
        var name = NewName().Split('/')[^1].ToLowerInvariant();
        var user = (await Api.PostAsync("users/", new { username = name, password = Password })).Href;
        using var own = new PulpClient(Server.Url, name, Password);
        var made = await own.PostAsync(user + "tokens/", new { name = "look", scope = "read_only" });
        var token = (string?)made.Json?["token"] ?? "";

        var byPassword = await SendAsync(
            "GET",
            TokenPath($"repository:{name}/a:pull,push"),
            with: Basic(name, Password)
        );
        var byToken = await SendAsync("GET", TokenPath($"repository:{name}/a:pull,push"), with: Basic(name, token));

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That(byToken.Status, Is.EqualTo(200), byToken.Text);
            Assert.That(Actions(byPassword), Does.Contain("push"), "its own namespace");
            Assert.That(Actions(byToken), Does.Not.Contain("push"));
        });
    }

    [Test]
    public async Task Tokens_say_what_was_granted_and_for_how_long()
    {
        var name = NewName();
        await PushAsync(name, "1.0", TestImage.New());

        var anonymous = await SendAsync("GET", TokenPath($"repository:{name}:pull,push"), with: AsNobody);
        var claims = JsonNode.Parse(Decode(((string?)anonymous.Json["token"] ?? "").Split('.')[1]));
        var noService = await SendAsync("GET", "/token/");
        var wrongScope = await SendAsync("GET", TokenPath("nothing"));
        var wrongPassword = await SendAsync("GET", TokenPath($"repository:{name}:pull"), with: Basic("admin", "no"));

        Assert.Multiple(() =>
        {
            Assert.That(anonymous.Status, Is.EqualTo(200), anonymous.Text);
            Assert.That((long?)anonymous.Json["expires_in"], Is.EqualTo(300));
            Assert.That((string?)anonymous.Json["access_token"], Is.EqualTo((string?)anonymous.Json["token"]));
            Assert.That((string?)claims?["access"]?[0]?["name"], Is.EqualTo(name));
            Assert.That(
                claims?["access"]?[0]?["actions"]?.AsArray().Select(a => (string?)a),
                Is.EqualTo(new[] { "pull" })
            );
            Assert.That(noService.Status, Is.EqualTo(400));
            Assert.That(wrongScope.Status, Is.EqualTo(400));
            Assert.That(wrongPassword.Status, Is.EqualTo(401));
        });
    }

    [Test]
    public async Task Public_images_are_for_everybody_and_private_ones_are_not()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var open = await GetAsync($"{name}/manifests/1.0", AsNobody);
        var layer = $"{name}/blobs/{TestImage.DigestOf(image.Layers[0])}";
        var pushed = await SendAsync("POST", $"{name}/blobs/uploads/", with: AsNobody);

        var distribution = (await Api.GetAsync($"distributions/container/container/?base_path={name}")).Results[0];
        await Api.CompletedAsync(
            await Api.PatchAsync(
                (string?)distribution["pulp_href"] ?? "",
                new Dictionary<string, object> { ["private"] = true }
            )
        );
        var closed = await GetAsync($"{name}/manifests/1.0", AsNobody);
        var blob = await GetAsync(layer, AsNobody);
        var scopeless = await GetAsync(layer, As(await TokenAsync($"repository:{name}:pull", user: null)));
        var token = await GetAsync(layer, As(await TokenAsync($"repository:{name}:pull", "admin")));
        var mounted = await SendAsync(
            "POST",
            $"{NewName()}/blobs/uploads/?mount={TestImage.DigestOf(image.Layers[0])}"
        );
        var unreferenced = await PushBlobAsync(name, TestImage.Random());
        var mountedUnreferenced = await SendAsync("POST", $"{NewName()}/blobs/uploads/?mount={unreferenced}");

        Assert.Multiple(() =>
        {
            Assert.That(open.Status, Is.EqualTo(200));
            Assert.That(pushed.Status, Is.EqualTo(401));
            Assert.That(closed.Status, Is.EqualTo(401));
            Assert.That(closed.Header("WWW-Authenticate"), Does.Contain($"scope=\"repository:{name}:pull\""));
            Assert.That(blob.Status, Is.EqualTo(401));
            Assert.That(scopeless.Status, Is.EqualTo(401));
            Assert.That(token.Status, Is.EqualTo(200));
            Assert.That(mounted.Status, Is.EqualTo(202));
            Assert.That(mountedUnreferenced.Status, Is.EqualTo(202));
        });
    }

    [TestCase("%0d%0aX:y")]
    [TestCase("%F0%9F%98%80")]
    [TestCase("a%22b")]
    public async Task A_name_that_no_header_can_carry_is_refused_without_a_scope(string name)
    {
        var refused = await SendAsync("DELETE", $"{name}/manifests/1.0", with: AsNobody);

        Assert.That(refused.Status, Is.EqualTo(401), refused.Text);
        Assert.That(refused.Header("WWW-Authenticate"), Does.StartWith("Bearer realm=").And.Not.Contain("scope"));
    }

    [Test]
    public async Task The_policy_in_force_says_who_pulls_and_pushes_what_is_private()
    {
        var name = NewName();
        await PushAsync(name, "1.0", TestImage.New());
        var distribution = (await Api.GetAsync($"distributions/container/container/?base_path={name}")).Results[0];
        await Api.CompletedAsync(
            await Api.PatchAsync(
                (string?)distribution["pulp_href"] ?? "",
                new Dictionary<string, object> { ["private"] = true }
            )
        );
        var user = PulpClient.Unique().ToLowerInvariant();
        await Api.PostAsync("users/", new { username = user, password = Password });
        var policy = (await Api.GetAsync("access_policies/?viewset_name=distributions/container/container")).Results[0];
        var href = (string?)policy["pulp_href"] ?? "";
        async Task<IEnumerable<string?>> GrantedAsync() =>
            Actions(await SendAsync("GET", TokenPath($"repository:{name}:pull,push"), with: Basic(user, Password)));

        var shipped = (await GrantedAsync()).ToList();
        var readers = new
        {
            action = "pull",
            principal = "authenticated",
            effect = "allow",
        };
        object?[] written = [.. policy["statements"]?.AsArray() ?? [], readers];
        var changed = await Api.PatchAsync(href, new { statements = written });
        var opened = (await GrantedAsync()).ToList();
        await Api.PostAsync(href + "reset/", new { });

        Assert.That(changed.Code, Is.EqualTo(200), changed.Text);
        Assert.That(shipped, Is.Empty);
        Assert.That(opened, Is.EqualTo(new[] { "pull" }));
    }

    [Test]
    public async Task The_policy_in_force_says_who_pulls_what_is_public_and_who_sees_the_catalog()
    {
        var (name, other) = (NewName(), NewName());
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        await PushAsync(other, "1.0", TestImage.New());
        var user = PulpClient.Unique().ToLowerInvariant();
        await Api.PostAsync("users/", new { username = user, password = Password });
        var policy = (await Api.GetAsync("access_policies/?viewset_name=distributions/container/container")).Results[0];
        var href = (string?)policy["pulp_href"] ?? "";
        object[] administrators =
        [
            new
            {
                action = "*",
                principal = "admin",
                effect = "allow",
            },
        ];
        async Task<int[]> StatusesAsync()
        {
            var pulled = await SendAsync("GET", $"{name}/manifests/1.0", with: AsNobody);
            var known = await SendAsync("GET", $"{name}/manifests/1.0", with: Basic(user, Password));
            var listed = await SendAsync("GET", "_catalog", with: Basic(user, Password));
            var mounted = await SendAsync("POST", $"{other}/blobs/uploads/?mount={TestImage.DigestOf(image.Config)}");
            return [pulled.Status, known.Status, listed.Status, mounted.Status];
        }

        var shipped = await StatusesAsync();
        var changed = await Api.PatchAsync(href, new { statements = administrators });
        var closed = await StatusesAsync();
        await Api.PostAsync(href + "reset/", new { });
        var again = await StatusesAsync();

        Assert.Multiple(() =>
        {
            Assert.That(changed.Code, Is.EqualTo(200), changed.Text);
            Assert.That(shipped, Is.EqualTo(new[] { 200, 200, 200, 201 }));
            Assert.That(closed, Is.EqualTo(new[] { 401, 403, 403, 202 }));
            Assert.That(again, Is.EqualTo(new[] { 200, 200, 200, 201 }));
        });
    }

    [Test]
    public async Task The_content_application_gives_no_images_away()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);

        var listing = await SendAsync("GET", $"/pulp/content/{name}/", with: AsNobody);
        var blob = await SendAsync(
            "GET",
            $"/pulp/content/{name}/{TestImage.DigestOf(image.Layers[0])}",
            with: AsNobody
        );

        Assert.Multiple(() =>
        {
            Assert.That(listing.Status, Is.EqualTo(404), listing.Text);
            Assert.That(blob.Status, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_user_pushes_into_the_namespace_of_his_name_alone()
    {
        var user = PulpClient.Unique().ToLowerInvariant();
        var made = await Api.PostAsync("users/", new { username = user, password = Password });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);

        var own = await SendAsync("POST", $"{user}/app/blobs/uploads/", with: Basic(user, Password));
        var others = await SendAsync("POST", $"{NewName()}/blobs/uploads/", with: Basic(user, Password));
        var granted = await SendAsync(
            "GET",
            TokenPath($"repository:{user}/other:pull,push"),
            with: Basic(user, Password)
        );
        var refused = await SendAsync(
            "GET",
            TokenPath("repository:tests/other:pull,push"),
            with: Basic(user, Password)
        );

        Assert.Multiple(() =>
        {
            Assert.That(own.Status, Is.EqualTo(202), own.Text);
            Assert.That((others.Status, others.Error), Is.EqualTo((403, "DENIED")));
            Assert.That(Actions(granted), Is.EqualTo(new[] { "pull", "push" }));
            Assert.That(Actions(refused), Is.Empty);
        });
    }

    [Test]
    public async Task The_catalog_lists_what_one_may_pull()
    {
        var (name, hidden) = (NewName(), NewName());
        await PushBlobAsync(name, [1]);
        await PushBlobAsync(hidden, [1]);
        var distribution = (await Api.GetAsync($"distributions/container/container/?base_path={hidden}")).Results[0];
        await Api.CompletedAsync(
            await Api.PatchAsync(
                (string?)distribution["pulp_href"] ?? "",
                new Dictionary<string, object> { ["private"] = true }
            )
        );
        var user = PulpClient.Unique().ToLowerInvariant();
        await Api.PostAsync("users/", new { username = user, password = Password });

        var all = await GetAsync("_catalog?n=1000");
        var page = await GetAsync("_catalog?n=1");
        var some = await GetAsync("_catalog?n=1000", Basic(user, Password));
        var byToken = await GetAsync("_catalog?n=1000", As(await TokenAsync("registry:catalog:*", "admin")));
        var nobody = await GetAsync("_catalog", AsNobody);

        Assert.Multiple(() =>
        {
            Assert.That(Names(all), Does.Contain(name).And.Contain(hidden));
            Assert.That(Names(page), Has.Count.EqualTo(1));
            Assert.That(page.Header("Link"), Does.Contain("/v2/_catalog?n=1&last=").And.EndsWith("rel=\"next\""));
            Assert.That(Names(some), Does.Contain(name).And.Not.Contain(hidden));
            Assert.That(Names(byToken), Does.Contain(name).And.Contain(hidden));
            Assert.That(nobody.Status, Is.EqualTo(401));
        });
    }

    private static List<string?> Names(Reply reply) =>
        [.. reply.Json["repositories"]?.AsArray().Select(n => (string?)n) ?? []];

    private static IEnumerable<string?> Actions(Reply reply) =>
        JsonNode
            .Parse(Decode(((string?)reply.Json["token"] ?? "").Split('.')[1]))
            ?["access"]?[0]?["actions"]?.AsArray()
            .Select(a => (string?)a)
        ?? [];

    private string TokenPath(string scope) =>
        $"/token/?service={new Uri(Server.Url).Authority}&scope={Uri.EscapeDataString(scope)}";

    private async Task<string> TokenAsync(string scope, string? user)
    {
        var given = await SendAsync("GET", TokenPath(scope), with: user is null ? AsNobody : null);
        Assert.That(given.Status, Is.EqualTo(200), given.Text);
        return (string?)given.Json["token"] ?? "";
    }

    private static Action<HttpRequestMessage> As(string token) =>
        request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);
}
