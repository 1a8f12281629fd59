namespace PulpPython.Tests.Index;

/// <summary>The access policies of indexes: who reads their pages and uploads to them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class IndexRightsTests(Engine engine) : PythonFixture(engine)
{
    private const string Password = "Long-enough-1234";
    private readonly Clients _clients = new();

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    [Test]
    public async Task Every_part_of_an_index_has_a_policy_that_can_be_reset()
    {
        foreach (var name in new[] { "pypi/root", "pypi/simple", "pypi/pypi", "pypi/integrity", "pypi/legacy" })
        {
            var policy = await PolicyAsync(name);
            var reset = await Api.PostAsync(((string?)policy["pulp_href"] ?? "") + "reset/", new { });

            Assert.That(reset.Code, Is.EqualTo(200), name);
            Assert.That((bool?)reset.Json?["customized"], Is.False, name);
        }
    }

    [TestCase("index_has_perm:python.view_pythondistributoin")]
    [TestCase("index_has_repo_perm:python.look_pythonrepository")]
    public async Task A_permission_that_is_not_there_is_refused(string condition)
    {
        var policy = await PolicyAsync("pypi/simple");
        object[] statements =
        [
            new
            {
                action = "list",
                principal = "*",
                effect = "allow",
                condition,
            },
        ];

        var refused = await Api.PatchAsync((string?)policy["pulp_href"] ?? "", new { statements });

        Assert.That(refused.Code, Is.EqualTo(400), refused.Text);
        Assert.That(refused.Text, Does.Contain("does not exist"));
    }

    [Test]
    public async Task Without_an_argument_the_index_and_its_repository_are_to_be_viewed()
    {
        var (repository, path) = await NewIndexAsync();
        var user = await NewUserAsync();
        await Api.PostAsync(
            repository + "add_role/",
            new { role = "python.pythonrepository_viewer", users = new[] { user } }
        );

        await using var ofIndex = await WriteAsync("pypi/root", "index_has_perm");
        await using var ofRepository = await WriteAsync("pypi/simple", "index_has_repo_perm");
        await using var ofProvenance = await WriteAsync("pypi/integrity", "index_has_perm");
        var root = await GetAsync(user, $"{path}/");
        var simple = await GetAsync(user, $"{path}/simple/");
        var provenance = await GetAsync(user, $"{path}/integrity/tea/1.0/tea-1.0-py3-none-any.whl/provenance/");

        Assert.That((root.Code, simple.Code, provenance.Code), Is.EqualTo((403, 200, 403)), simple.Text);
    }

    [TestCase("pypi/simple", "simple/")]
    [TestCase("pypi/simple", "simple/tea/")]
    [TestCase("pypi/root", "")]
    [TestCase("pypi/pypi", "pypi/tea/json/")]
    public async Task An_index_is_as_private_as_its_policy_says(string policy, string page)
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(repository, TestPackage.Wheel("tea", "1.0"));
        var (viewer, stranger) = (await NewUserAsync(), await NewUserAsync());
        var index = (await Api.GetAsync($"distributions/python/pypi/?base_path={path}")).Results[0];
        await Api.PostAsync(
            (string?)index["pulp_href"] + "add_role/",
            new { role = "python.pythondistribution_viewer", users = new[] { viewer } }
        );
        var open = await PageAsync($"{path}/{page}");

        await using var kept = await WriteAsync(policy, "index_has_perm:python.view_pythondistribution");
        var nobody = await PageAsync($"{path}/{page}");
        var other = await GetAsync(stranger, $"{path}/{page}");
        var own = await GetAsync(viewer, $"{path}/{page}");
        var elsewhere = await GetAsync(viewer, $"{(await NewIndexAsync()).Path}/{page}");

        Assert.Multiple(() =>
        {
            Assert.That(open.Code, Is.EqualTo(200), open.Text);
            Assert.That(nobody.Code, Is.EqualTo(401), nobody.Text);
            Assert.That(nobody.Headers.NonValidated["WWW-Authenticate"].ToString(), Is.EqualTo("Basic realm=\"api\""));
            Assert.That(other.Code, Is.EqualTo(403), other.Text);
            Assert.That(own.Code, Is.EqualTo(200), own.Text);
            Assert.That(elsewhere.Code, Is.EqualTo(403), elsewhere.Text);
        });
    }

    [Test]
    public async Task Pip_installs_from_a_private_index_with_a_name_and_password()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(repository, TestPackage.Wheel("tea", "1.0"));
        await using var kept = await WriteAsync("pypi/simple", "index_has_perm:python.view_pythondistribution");

        var url = $"{Server.Url}/pypi/{path}/simple/";
        var known = url.Replace("http://", $"http://admin:{TestServer.Password}@", StringComparison.Ordinal);
        var without = await _clients.InstallAsync(url, "tea");
        var with = await _clients.InstallAsync(known, "tea");

        Assert.That(without.Run.Code, Is.Not.Zero, without.Run.Output);
        Assert.That(with.Run.Code, Is.Zero, with.Run.Output);
        Assert.That(with.Installed, Is.EqualTo(new[] { "tea-1.0" }));
    }

    [Test]
    public async Task Uploads_go_by_the_policy_of_the_address_they_are_sent_to()
    {
        var (_, path) = await NewIndexAsync();
        var user = await NewUserAsync();
        using var client = new PulpClient(Server.Url, user, Password);
        Task<Answer> TryAsync(string where) =>
            client.SendContentAsync(HttpMethod.Post, $"/pypi/{path}/{where}", Form(NewTea(), "content", []));

        var shipped = await TryAsync("legacy/");
        await using var opened = await WriteAsync("pypi/legacy", condition: null);
        var here = await TryAsync("legacy/");
        var there = await TryAsync("simple/");

        Assert.Multiple(() =>
        {
            Assert.That(shipped.Code, Is.EqualTo(403), shipped.Text);
            Assert.That(here.Code, Is.EqualTo(400), "The form lacks its fields, which is looked at behind the rights.");
            Assert.That(there.Code, Is.EqualTo(403), there.Text);
        });
    }

    [Test]
    public async Task The_repository_of_the_index_is_what_a_condition_on_it_asks_about()
    {
        var (repository, path) = await NewIndexAsync();
        var user = await NewUserAsync();
        await Api.PostAsync(
            repository + "add_role/",
            new { role = "python.pythonrepository_viewer", users = new[] { user } }
        );

        await using var kept = await WriteAsync("pypi/root", "index_has_repo_perm:python.view_pythonrepository");
        var own = await GetAsync(user, $"{path}/");
        var other = await GetAsync(user, $"{(await NewIndexAsync()).Path}/");
        var ofVersion = new { repository = (string?)null, repository_version = $"{repository}versions/0/" };
        var without = await GetAsync(await NewUserAsync(), $"{(await NewIndexAsync(more: ofVersion)).Path}/");

        Assert.Multiple(() =>
        {
            Assert.That(own.Code, Is.EqualTo(200), own.Text);
            Assert.That(other.Code, Is.EqualTo(403), other.Text);
            Assert.That(without.Code, Is.EqualTo(200), without.Text);
        });
    }

    private static TestPackage NewTea() => TestPackage.Wheel("tea", "1.0");

    private async Task<string> NewUserAsync()
    {
        var username = PulpClient.Unique().ToLowerInvariant();
        _ = (await Api.PostAsync("users/", new { username, password = Password })).Href;
        return username;
    }

    private async Task<Answer> GetAsync(string user, string path)
    {
        using var client = new PulpClient(Server.Url, user, Password);
        return await client.GetAsync($"/pypi/{path}");
    }

    private async Task<JsonNode> PolicyAsync(string name) =>
        (await Api.GetAsync($"access_policies/?viewset_name={name}")).Results[0];

    /// <summary>Lets whoever is signed in do everything where the condition holds, until it is disposed.</summary>
    private async Task<IAsyncDisposable> WriteAsync(string policy, string? condition)
    {
        var href = (string?)(await PolicyAsync(policy))["pulp_href"] ?? "";
        var statement = new Dictionary<string, object>
        {
            ["action"] = "*",
            ["principal"] = "authenticated",
            ["effect"] = "allow",
        };
        if (condition is not null)
        {
            statement["condition"] = condition;
        }

        var written = await Api.PatchAsync(href, new { statements = new[] { statement } });
        Assert.That(written.Code, Is.EqualTo(200), written.Text);
        return new Reset(() => Api.PostAsync(href + "reset/", new { }));
    }

    private sealed class Reset(Func<Task> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
