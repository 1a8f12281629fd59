using System.Diagnostics;

namespace PulpPython.Tests;

/// <summary>How a client ended, and what it said.</summary>
public sealed record ClientRun(int Code, string Output);

/// <summary>The real pip, twine and poetry as processes. A test that needs one that isn't here is skipped, and says so.</summary>
public sealed class Clients : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _home = Directory.CreateTempSubdirectory("pulp-clients-").FullName;

    /// <summary>An empty directory of this name.</summary>
    public string NewDirectory(string name) => Directory.CreateDirectory(Path.Combine(_home, name)).FullName;

    /// <summary>A file of this name.</summary>
    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_home, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>pip with an index.</summary>
    public Task<ClientRun> PipAsync(string command, string index, params string[] arguments) =>
        RunAsync(
            "python3",
            [
                "-m",
                "pip",
                .. command.Split(' '),
                "--disable-pip-version-check",
                "--no-input",
                "--index-url",
                index,
                .. arguments,
            ],
            "-m pip --version"
        );

    /// <summary>Installs into a directory and answers what is there: <c>name-version</c> of each project.</summary>
    public async Task<(ClientRun Run, string[] Installed)> InstallAsync(string index, params string[] arguments)
    {
        var target = NewDirectory(PulpClient.Unique());
        var run = await PipAsync("install", index, ["--target", target, .. arguments]);
        return (
            run,
            [
                .. Directory
                    .EnumerateDirectories(target, "*.dist-info")
                    .Select(d => Path.GetFileName(d)[..^".dist-info".Length])
                    .Order(StringComparer.Ordinal),
            ]
        );
    }

    /// <summary>twine's upload.</summary>
    public Task<ClientRun> TwineAsync(string repository, string password, params string[] arguments) =>
        RunAsync(
            "twine",
            [
                "upload",
                "--non-interactive",
                "--disable-progress-bar",
                "--repository-url",
                repository,
                "-u",
                "admin",
                "-p",
                password,
                .. arguments,
            ],
            "--version"
        );

    /// <summary>poetry in a project's directory.</summary>
    public Task<ClientRun> PoetryAsync(string directory, string command, params string[] arguments) =>
        RunAsync("poetry", [.. command.Split(' '), "--no-interaction", .. arguments], "--version", directory);

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private async Task<ClientRun> RunAsync(string program, string[] arguments, string probe, string? directory = null)
    {
        if (await StartAsync(program, probe.Split(' '), _home) is not { Code: 0 })
        {
            Assert.Ignore($"{program} {probe} doesn't run here.");
        }

        return await StartAsync(program, arguments, directory ?? _home)
            ?? throw new InvalidOperationException($"{program} is gone.");
    }

    private async Task<ClientRun?> StartAsync(string program, string[] arguments, string directory)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOfTheMachine).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = _home;
        start.Environment["PIP_CONFIG_FILE"] = "/dev/null";
        start.Environment["PIP_NO_CACHE_DIR"] = "1";
        start.Environment["POETRY_VIRTUALENVS_IN_PROJECT"] = "true";
        start.Environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring";
        start.Environment["NO_COLOR"] = "1";
        start.Environment["COLUMNS"] = "1000";
        using var process = TryStart(start);
        if (process is null)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new ClientRun(process.ExitCode, await output + await errors);
    }

    /// <summary>Settings of whoever runs the tests: another index, a proxy.</summary>
    private static bool IsOfTheMachine(string name) =>
        name.StartsWith("PIP_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("POETRY_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("TWINE_", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase);

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
