using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Processes;

namespace PulpContainer.Builds;

/// <summary>
/// buildah or podman, whichever is there, with storage of the task's own: nothing of another build is seen, and nothing stays. How
/// instructions are kept apart from the machine is for the program's own settings (<c>BUILDAH_ISOLATION</c>).
/// </summary>
internal sealed class BuildProgram
{
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(2);
    private static readonly string[] Known = ["buildah", "podman"];

    /// <summary>What of the server's environment a build gets, whose instructions may read all of it.</summary>
    private static readonly HashSet<string> Inherited = new(StringComparer.Ordinal)
    {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "REGISTRY_AUTH_FILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    };
    private static readonly string[] InheritedPrefixes = ["XDG_", "BUILDAH_", "STORAGE_", "CONTAINERS_"];
    private const string Image = "localhost/pulp-build";
    private readonly string _program;
    private readonly string _directory;

    private BuildProgram(string program, string directory)
    {
        _program = program;
        _directory = directory;
    }

    /// <exception cref="ProgramException">There is none.</exception>
    public static async Task<BuildProgram> FindAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(directory);
        foreach (var program in Known)
        {
            try
            {
                var asked = new ChildProcess
                {
                    Program = program,
                    Arguments = ["--version"],
                    Directory = path,
                    Inherits = Inherits,
                };
                if (await asked.RunAsync(cancellationToken) is { ExitCode: 0 })
                {
                    return new BuildProgram(program, path);
                }
            }
            catch (ProgramException)
            {
                // The next one may be there.
            }
        }

        throw new ProgramException("Images are built by buildah or podman, and neither is on this worker's PATH.");
    }

    /// <summary>Whether a build gets a variable of the server's.</summary>
    public static bool Inherits(string name) =>
        Inherited.Contains(name)
        || Array.Exists(InheritedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);

    /// <summary>Builds an image and writes it to a directory: <c>manifest.json</c>, and its blobs under the digits of their digests.</summary>
    public async Task BuildAsync(string file, string context, string image, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(["build", "--format", "oci", "-f", file, "-t", Image, context], cancellationToken);
            await RunAsync(["push", "--format", "oci", Image, $"dir:{image}"], cancellationToken);
        }
        finally
        {
            await RemoveAllAsync();
        }
    }

    /// <summary>Layers may be files of accounts as whom only the program may remove them.</summary>
    private async Task RemoveAllAsync()
    {
        try
        {
            await RunAsync(["rmi", "--all", "--force"], CancellationToken.None);
        }
        catch (ProgramException)
        {
            // What is left goes with the task's directory, or is told in the log.
        }
    }

    private async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var process = new ChildProcess
        {
            Program = _program,
            Arguments =
            [
                "--root",
                Path.Combine(_directory, "storage"),
                "--runroot",
                Path.Combine(_directory, "run"),
                "--storage-driver",
                "vfs",
                .. arguments,
            ],
            Directory = _directory,
            Inherits = Inherits,
            Environment = new Dictionary<string, string> { ["TMPDIR"] = _directory },
            TimeLimit = LongestBuild,
            OutputLimit = 64 * 1024 * 1024,
        };
        var end = await process.RunAsync(cancellationToken);
        if (end.ExitCode != 0)
        {
            throw new ProgramException($"{_program} {arguments[0]} failed: {end.Errors}");
        }
    }
}
