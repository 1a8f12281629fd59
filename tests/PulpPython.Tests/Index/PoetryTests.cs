namespace PulpPython.Tests.Index;

/// <summary>The real poetry takes what a project needs from an index, and publishes it there.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PoetryTests(Engine engine) : PythonFixture(engine)
{
    private readonly Clients _clients = new();

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    [Test]
    public async Task It_adds_locks_installs_and_publishes()
    {
        var (repository, path) = await NewIndexAsync();
        var pot = TestPackage.Wheel("tea-pot", "1.5", "Requires-Python: >=3.7");
        await AddAsync(
            repository,
            TestPackage.Wheel(
                "Tea_Party",
                "1.0",
                "Requires-Dist: tea.pot (>=1,<2)\nRequires-Dist: spoon; extra == 'sugar'\nProvides-Extra: sugar"
            ),
            pot,
            TestPackage.Wheel("tea-pot", "2.0"),
            TestPackage.Wheel("spoon", "3")
        );
        var directory = NewProject(path);

        await RunsAsync(directory, "source add", "--default", "pulp", $"{Server.Url}/pypi/{path}/simple/");
        await RunsAsync(directory, "add", "tea-party[sugar]");
        var locked = await File.ReadAllTextAsync(Path.Combine(directory, "poetry.lock"));
        Directory.Delete(Path.Combine(directory, ".venv"), recursive: true);
        await RunsAsync(directory, "lock");
        await RunsAsync(directory, "install");
        await RunsAsync(directory, "config", "repositories.pulp", $"{Server.Url}/pypi/{path}/legacy/");
        string[] credentials = ["--repository", "pulp", "--username", "admin", "--password", TestServer.Password];
        await RunsAsync(directory, "publish", ["--build", .. credentials]);
        await Task.WhenAll(
            (await Api.GetAsync("tasks/?name=pulp_python.app.tasks.upload.upload")).Results.Select(t =>
                Api.EndOfAsync((string?)t["pulp_href"] ?? "")
            )
        );
        var again = await _clients.PoetryAsync(directory, "publish", credentials);
        await RunsAsync(directory, "publish", ["--skip-existing", .. credentials]);

        var page = await JsonPageAsync($"{path}/simple/{path}/");
        Assert.Multiple(() =>
        {
            Assert.That(locked, Does.Contain($"sha256:{pot.Sha256}").And.Contain("spoon-3-py3-none-any.whl"));
            Assert.That(
                Directory
                    .EnumerateFiles(Path.Combine(directory, ".venv"), "*.py", SearchOption.AllDirectories)
                    .Select(Path.GetFileName),
                Is.SupersetOf(new[] { "tea_party.py", "tea_pot.py", "spoon.py" })
            );
            Assert.That(page["files"]?.AsArray(), Has.Count.EqualTo(2));
            Assert.That(again.Code, Is.EqualTo(1));
            Assert.That(again.Output, Does.Contain("already exists"));
        });
    }

    private async Task RunsAsync(string directory, string command, params string[] arguments)
    {
        var run = await _clients.PoetryAsync(directory, command, arguments);
        Assert.That(run.Code, Is.Zero, run.Output);
    }

    private string NewProject(string name)
    {
        var directory = _clients.NewDirectory(name);
        File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Path.Combine(directory, name)).FullName, "__init__.py"),
            ""
        );
        File.WriteAllText(
            Path.Combine(directory, "pyproject.toml"),
            $"""
            [tool.poetry]
            name = "{name}"
            version = "0.1.0"
            description = "A project of a test"
            authors = ["A <a@example.com>"]

            [tool.poetry.dependencies]
            python = "^3.7"

            [build-system]
            requires = ["poetry-core"]
            build-backend = "poetry.core.masonry.api"
            """
        );
        return directory;
    }
}
