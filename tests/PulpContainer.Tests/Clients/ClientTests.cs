namespace PulpContainer.Tests.Clients;

/// <summary>Real clients push and pull what they build.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ClientTests(Engine engine) : RegistryFixture(engine)
{
    private string Host => new Uri(Server.Url).Authority;

    [Test]
    public async Task Skopeo_pushes_and_pulls_an_image()
    {
        using var tools = new ContainerTools();
        var name = NewName();
        await PushAsync($"{name}/source", "1.0", TestImage.New());
        var directory = tools.NewDirectory("image");
        var admin = $"admin:{TestServer.Password}";

        var pulled = await SkopeoAsync(
            tools,
            "copy",
            "--src-tls-verify=false",
            Image($"{name}/source", "1.0"),
            $"dir:{directory}"
        );
        var pushed = await SkopeoAsync(
            tools,
            "copy",
            "--dest-tls-verify=false",
            "--dest-creds",
            admin,
            $"dir:{directory}",
            Image($"{name}/copy", "2.0")
        );
        var copied = await SkopeoAsync(
            tools,
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--dest-creds",
            admin,
            Image($"{name}/copy", "2.0"),
            Image($"{name}/third", "3.0")
        );
        var refused = await SkopeoAsync(
            tools,
            "copy",
            "--dest-tls-verify=false",
            $"dir:{directory}",
            Image($"{name}/nobody", "1.0")
        );
        var listed = await SkopeoAsync(tools, "list-tags", "--tls-verify=false", $"docker://{Host}/{name}/third");
        var deleted = await SkopeoAsync(
            tools,
            "delete",
            "--tls-verify=false",
            "--creds",
            admin,
            Image($"{name}/third", "3.0")
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(pulled.Code, Is.Zero, pulled.Output);
            Assert.That(pushed.Code, Is.Zero, pushed.Output);
            Assert.That(copied.Code, Is.Zero, copied.Output);
            Assert.That(refused.Code, Is.Not.Zero, refused.Output);
            Assert.That(listed.Output, Does.Contain("3.0"));
            Assert.That(deleted.Code, Is.Zero, deleted.Output);
            Assert.That((await GetAsync($"{name}/third/manifests/3.0")).Status, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task Buildah_pushes_what_it_built_and_podman_pulls_it()
    {
        using var tools = new ContainerTools();
        var name = NewName();
        tools.Write("hello.txt", "hello"u8.ToArray());
        tools.Write("Containerfile", "FROM scratch\nCOPY hello.txt /hello.txt\nLABEL greeting=hello\n"u8.ToArray());
        var image = $"{Host}/{name}:1.0";

        var built = await tools.RunAsync("buildah", "build", "--layers=false", "-t", image, "-f", "Containerfile", ".");
        Skip(built, "buildah");
        var login = await tools.RunAsync(
            "podman",
            "login",
            "--tls-verify=false",
            "-u",
            "admin",
            "-p",
            TestServer.Password,
            Host
        );
        var pushed = await tools.RunAsync("buildah", "push", "--tls-verify=false", image);
        var removed = await tools.RunAsync("podman", "rmi", "--all", "--force");
        var pulled = await tools.RunAsync("podman", "pull", "--tls-verify=false", image);
        var inspected = await tools.RunAsync("podman", "inspect", image);
        var again = await tools.RunAsync("podman", "push", "--tls-verify=false", image, $"{Host}/{name}:2.0");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(login.Code, Is.Zero, login.Output);
            Assert.That(pushed.Code, Is.Zero, pushed.Output);
            Assert.That(removed.Code, Is.Zero, removed.Output);
            Assert.That(pulled.Code, Is.Zero, pulled.Output);
            Assert.That(inspected.Output, Does.Contain("\"greeting\": \"hello\""));
            Assert.That(again.Code, Is.Zero, again.Output);
            Assert.That((await GetAsync($"{name}/manifests/2.0")).Status, Is.EqualTo(200));
        });
    }

    /// <summary>In some sandboxes nothing can be built: that says nothing about the registry.</summary>
    private static void Skip(ToolRun run, string program)
    {
        if (run.Code != 0)
        {
            Assert.Ignore($"{program} can't build here: {run.Output}");
        }
    }

    private Task<ToolRun> SkopeoAsync(ContainerTools tools, params string[] arguments) =>
        tools.RunAsync("skopeo", ["--insecure-policy", .. arguments]);

    private string Image(string name, string tag) => $"docker://{Host}/{name}:{tag}";
}
