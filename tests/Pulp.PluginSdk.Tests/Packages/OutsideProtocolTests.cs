namespace Pulp.PluginSdk.Tests.Packages;

/// <summary>What a plugin that was built outside the repository does in a server: all that its guide promises.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OutsideProtocolTests(Engine engine) : PluginFixture(engine)
{
    protected override async Task<IReadOnlyList<string>> PluginFoldersAsync() => [await OutsidePlugin.BuiltAsync()];

    [Test]
    public async Task Each_push_is_a_version_and_the_caller_is_known()
    {
        var (name, repository) = await NewRepositoryAsync();

        var pushed = new[] { await PushAsync(name, "ace"), await PushAsync(name, "king") };
        var hand = await PushHandAsync(name, "first", "ace", "king");
        var again = await PushHandAsync(name, "first", "ace", "king");

        var stored = (await Api.GetAsync($"content/cards/hands/?repository_version={repository}versions/3/")).Results;
        Assert.That(
            pushed.Append(hand).Append(again).Select(p => (long?)p.Json?["version"]),
            Is.EqualTo(new long?[] { 1, 2, 3, null })
        );
        Assert.That(stored.Select(h => (string?)h["player"]), Is.EqualTo(new[] { "admin" }));
        Assert.That(stored[0]["cards"]?.AsArray(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Who_does_not_sign_in_or_may_not_push_is_refused()
    {
        var (name, _) = await NewRepositoryAsync();
        using var nobody = new PulpClient(Server.Url, user: null, password: null);
        using var stranger = await NewUserAsync();

        var refused = new[] { await PushAsync(name, "ace", nobody), await PushAsync(name, "ace", stranger) };

        Assert.That(refused.Select(r => r.Code), Is.EqualTo(new[] { 401, 404 }).Or.EqualTo(new[] { 401, 403 }));
    }

    [Test]
    public async Task A_card_that_a_hand_holds_stays()
    {
        var (name, repository) = await NewRepositoryAsync();
        await PushAsync(name, "queen");
        await PushHandAsync(name, "held", "queen");
        var card = (await Api.GetAsync($"content/cards/cards/?repository_version={repository}versions/2/")).Results[0];

        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { remove_content_units = new[] { card["pulp_href"] } })
        );

        Assert.That(
            (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"],
            Does.EndWith("/versions/2/")
        );
    }

    [Test]
    public async Task A_page_from_memory_is_fresh_after_a_push()
    {
        var (name, repository) = await NewRepositoryAsync();
        var url = await DistributeAsync(repository);
        await PushAsync(name, "ace");
        await PushHandAsync(name, "one", "ace");

        var before = (await Api.GetAsync(url + "hands")).Text;
        var same = (await Api.GetAsync(url + "hands")).Text;
        await PushHandAsync(name, "two", "ace");
        var after = (await Api.GetAsync(url + "hands")).Text;

        Assert.That((before, same), Is.EqualTo(("admin one: ace\n", "admin one: ace\n")));
        Assert.That(after, Is.EqualTo("admin one: ace\nadmin two: ace\n"));
    }

    [Test]
    public async Task What_upstream_has_is_passed_on_and_added()
    {
        Upstream.With("jack", "a picture of a jack");
        var remote = (
            await Api.PostAsync("remotes/cards/card/", new { name = PulpClient.Unique(), url = Upstream.Url + "/" })
        ).Href;
        var (_, repository) = await NewRepositoryAsync();
        var url = await DistributeAsync(repository, new { source = remote });

        var first = await Api.GetAsync(url + "picture/jack");
        var missing = await Api.GetAsync(url + "picture/none");
        var version = await UntilAsync($"{repository}versions/1/");
        var second = await Api.GetAsync(url + "picture/jack");

        Assert.That((first.Text, second.Text), Is.EqualTo(("a picture of a jack", "a picture of a jack")));
        Assert.That(missing.Code, Is.EqualTo(404));
        Assert.That((long?)version.Json?["content_summary"]?["present"]?["cards.card"]?["count"], Is.EqualTo(1));
        Assert.That(Upstream.Count("jack"), Is.EqualTo(1));
    }

    [Test]
    public async Task Its_action_is_in_the_document_and_its_condition_is_asked()
    {
        var (name, repository) = await NewRepositoryAsync();
        await PushAsync(name, "ten");
        using var joker = await NewUserAsync("joker");
        using var player = await NewUserAsync();
        foreach (var user in new[] { joker, player })
        {
            await GiveAsync(user, repository);
        }

        var dealt = await player.PostAsync(repository + "deal/", new { cards = 1 });
        var denied = await joker.PostAsync(repository + "deal/", new { cards = 1 });
        var wrong = await player.PostAsync(repository + "deal/", new { cards = "many" });

        var document = await Api.GetAsync("docs/api.json");
        Assert.That(dealt.Json?.ToJsonString(), Is.EqualTo("""{"titles":["ten"]}"""), dealt.Text);
        Assert.That((denied.Code, wrong.Code), Is.EqualTo((403, 400)));
        Assert.That(document.Text, Does.Contain("}deal/\""));
    }

    [Test]
    public async Task Its_guard_is_asked()
    {
        var guard = await Api.PostAsync(
            "contentguards/cards/player/",
            new { name = PulpClient.Unique(), player = "anna" }
        );
        var (name, repository) = await NewRepositoryAsync();
        await PushAsync(name, "two");
        var url = await DistributeAsync(repository, new { content_guard = guard.Href });
        using var asked = new HttpRequestMessage(HttpMethod.Get, url + "picture/two");
        asked.Headers.Add("X-Player", "anna");

        using var permitted = await Api.Http.SendAsync(asked);
        var refused = await Api.GetAsync(url + "picture/two");

        Assert.That(((int)permitted.StatusCode, refused.Code), Is.EqualTo((200, 403)));
    }

    private async Task<(string Name, string Href)> NewRepositoryAsync()
    {
        var name = PulpClient.Unique();
        return (name, (await Api.PostAsync("repositories/cards/card/", new { name })).Href);
    }

    private async Task<string> DistributeAsync(string repository, object? more = null)
    {
        var name = PulpClient.Unique();
        var fields = new
        {
            name,
            base_path = name,
            repository,
        };
        await Api.CreatedAsync(await Api.PostAsync("distributions/cards/card/", PulpClient.Merge(fields, more)));
        return $"/pulp/content/{name}/";
    }

    private async Task<PulpClient> NewUserAsync(string? name = null)
    {
        var user = new { username = name ?? PulpClient.Unique(), password = "a good one 1" };
        var made = await Api.PostAsync("users/", user);
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        return new PulpClient(Server.Url, user.username, user.password);
    }

    private async Task GiveAsync(PulpClient user, string repository)
    {
        var name = Encoding
            .UTF8.GetString(Convert.FromBase64String(user.Http.DefaultRequestHeaders.Authorization?.Parameter ?? ""))
            .Split(':')[0];
        var given = await Api.PostAsync(
            repository + "add_role/",
            new { role = "cards.cardrepository_owner", users = new[] { name } }
        );
        Assert.That(given.Code, Is.EqualTo(201), given.Text);
    }

    private Task<Answer> PushAsync(string repository, string title, PulpClient? api = null) =>
        (api ?? Api).SendContentAsync(
            HttpMethod.Put,
            $"/cards/{repository}/cards/{title}",
            new StringContent($"a picture of {title}")
        );

    private Task<Answer> PushHandAsync(string repository, string name, params string[] titles) =>
        Api.SendContentAsync(
            HttpMethod.Put,
            $"/cards/{repository}/hands/{name}",
            new StringContent(string.Join('\n', titles))
        );

    /// <summary>What has been sent is stored a moment later.</summary>
    private async Task<Answer> UntilAsync(string href)
    {
        var answer = await Api.GetAsync(href);
        for (var attempt = 0; attempt < 1_000 && answer.Code == 404; attempt++)
        {
            answer = await Api.GetAsync(href);
        }

        return answer;
    }
}
