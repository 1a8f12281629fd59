namespace PulpPython.Tests.Uploads;

/// <summary>The real twine uploads to an index.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TwineTests(Engine engine) : PythonFixture(engine)
{
    private readonly Clients _clients = new();

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    private string[] Write(params TestPackage[] packages) =>
        [.. packages.Select(p => _clients.Write(p.Filename, p.Bytes))];

    private Task<ClientRun> TwineAsync(string path, params string[] arguments) =>
        _clients.TwineAsync($"{Server.Url}/pypi/{path}/legacy/", TestServer.Password, arguments);

    /// <summary>Until the tasks have ended that twine doesn't wait for.</summary>
    private async Task SettledAsync()
    {
        foreach (var task in (await Api.GetAsync("tasks/?name=pulp_python.app.tasks.upload.upload")).Results)
        {
            await Api.EndOfAsync((string?)task["pulp_href"] ?? "");
        }
    }

    [Test]
    public async Task A_release_is_uploaded_as_one_version_and_installed()
    {
        var (repository, path) = await NewIndexAsync();
        var name = "twine_" + PulpClient.Unique();
        var (wheel, source) = (TestPackage.Wheel(name, "1.0"), TestPackage.Source(name, "1.0"));

        var run = await TwineAsync(path, Write(wheel, source));
        await SettledAsync();
        var (pip, installed) = await _clients.InstallAsync($"{Server.Url}/pypi/{path}/simple/", name);

        Assert.Multiple(() =>
        {
            Assert.That(run.Code, Is.Zero, run.Output);
            Assert.That(installed, Is.EqualTo(new[] { $"{name}-1.0" }), pip.Output);
        });
        var page = await JsonPageAsync($"{path}/simple/{name.Replace('_', '-')}/");
        Assert.That(page["files"]?.AsArray(), Has.Count.EqualTo(2));
        Assert.That(await VersionsAsync(repository), Is.EqualTo(2), "the first is empty");
    }

    [Test]
    public async Task What_is_there_is_an_error_or_skipped()
    {
        var (_, path) = await NewIndexAsync();
        var files = Write(TestPackage.Wheel("twine" + PulpClient.Unique(), "1.0"));
        await TwineAsync(path, files);
        await SettledAsync();

        var again = await TwineAsync(path, files);
        var skipping = await TwineAsync(path, ["--skip-existing", .. files]);

        Assert.Multiple(() =>
        {
            Assert.That(again.Code, Is.Not.Zero);
            Assert.That(again.Output, Does.Contain("already exists"));
            // twine itself takes the option for some servers only, and says so.
            Assert.That(
                skipping.Code == 0 || skipping.Output.Contains("Unsupported", StringComparison.OrdinalIgnoreCase),
                skipping.Output
            );
        });
    }

    [Test]
    public async Task A_token_takes_the_place_of_name_and_password()
    {
        var (_, path) = await NewIndexAsync();
        var package = TestPackage.Wheel("twine" + PulpClient.Unique(), "1.0");
        var admin = (await Api.GetAsync("users/?username=admin")).Results[0]["pulp_href"];
        var made = await Api.PostAsync($"{admin}tokens/", new { name = PulpClient.Unique(), scope = "full" });

        var run = await TwineAsync(
            path,
            ["-u", "__token__", "-p", (string?)made.Json?["token"] ?? "", .. Write(package)]
        );
        await SettledAsync();

        var page = await PageAsync($"{path}/simple/{package.Project}/");
        Assert.That(run.Code, Is.Zero, run.Output);
        Assert.That(page.Text, Does.Contain(package.Filename));
    }

    [Test]
    public async Task Who_may_not_upload_is_told_why()
    {
        var (_, open) = await NewIndexAsync();
        var (_, closed) = await NewIndexAsync(more: new { allow_uploads = false });
        var files = Write(TestPackage.Wheel("twine" + PulpClient.Unique(), "1.0"));

        var wrong = await _clients.TwineAsync($"{Server.Url}/pypi/{open}/legacy/", "wrong", files);
        var refused = await TwineAsync(closed, files);

        Assert.Multiple(() =>
        {
            Assert.That(wrong.Code, Is.Not.Zero);
            Assert.That(wrong.Output, Does.Contain("401"));
            Assert.That(refused.Code, Is.Not.Zero);
            Assert.That(refused.Output, Does.Contain("403").And.Contain("Index is not allowing uploads"));
        });
    }
}
