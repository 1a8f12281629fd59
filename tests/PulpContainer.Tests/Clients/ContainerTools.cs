using System.Diagnostics;

namespace PulpContainer.Tests.Clients;

/// <summary>How a client ended, and what it said.</summary>
public sealed record ToolRun(int Code, string Output);

/// <summary>The real skopeo, podman and buildah as processes. A test that needs one that isn't here is skipped, and says so.</summary>
public sealed class ContainerTools : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _home = Directory.CreateTempSubdirectory("pulp-images-").FullName;

    public ContainerTools()
    {
        // Nothing of the machine's: no registries, no signatures, and images as plain directories.
        Write("policy.json", """{"default":[{"type":"insecureAcceptAnything"}]}"""u8.ToArray());
        Write("registries.conf", "unqualified-search-registries = []\n"u8.ToArray());
        Write(
            "storage.conf",
            Encoding.UTF8.GetBytes(
                $"[storage]\ndriver = \"vfs\"\nrunroot = \"{_home}/run\"\ngraphroot = \"{_home}/graph\"\n"
            )
        );
    }

    /// <summary>The home of who runs the clients.</summary>
    public string Home => _home;

    public string NewDirectory(string name) => Directory.CreateDirectory(Path.Combine(_home, name)).FullName;

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_home, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Runs a client to its end.</summary>
    public async Task<ToolRun> RunAsync(string program, params string[] arguments)
    {
        if (await StartAsync(program, ["--version"]) is not { Code: 0 })
        {
            Assert.Ignore($"{program} doesn't run here.");
        }

        return await StartAsync(program, arguments) ?? throw new InvalidOperationException($"{program} is gone.");
    }

    public void Dispose()
    {
        // Layers of images may hold directories that nobody may write to.
        foreach (var directory in Directory.EnumerateDirectories(_home, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(_home, recursive: true);
    }

    private async Task<ToolRun?> StartAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _home,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var name in start
                .Environment.Keys.Where(n => n.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase))
                .ToList()
        )
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = _home;
        start.Environment["TMPDIR"] = _home;
        start.Environment["XDG_RUNTIME_DIR"] = NewDirectory("runtime");
        start.Environment["REGISTRY_AUTH_FILE"] = Path.Combine(_home, "auth.json");
        start.Environment["CONTAINERS_REGISTRIES_CONF"] = Path.Combine(_home, "registries.conf");
        start.Environment["CONTAINERS_STORAGE_CONF"] = Path.Combine(_home, "storage.conf");
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        using var process = TryStart(start);
        if (process is null)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new ToolRun(process.ExitCode, await output + await errors);
    }

    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // There is no such program.
        }
    }
}
