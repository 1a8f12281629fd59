using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pulp.PluginSdk.Testing;

/// <summary>The server as a process of its own, which can be killed.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly LineLog _output;

    private ServerProcess(Process process, LineLog output, string url)
    {
        _process = process;
        _output = output;
        Started = string.Join('\n', output.Lines);
        Url = url;
        Api = new PulpClient(url, "admin", Password);
    }

    /// <summary>Password of the account <c>admin</c>.</summary>
    public const string Password = "only-for-tests";

    /// <summary>
    /// The program that is started: what <c>PULP_TEST_PROGRAM</c> says, else the test project's property <c>PulpProgram</c>, else
    /// <c>pulp</c> wherever it is installed.
    /// </summary>
    public static string Program { get; set; } = TestSetting.Of("PULP_TEST_PROGRAM", "Pulp.Testing.Program") ?? "pulp";

    /// <summary>Id of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>Its API, as <c>admin</c>.</summary>
    public PulpClient Api { get; }

    /// <summary>What it printed until it listened.</summary>
    public string Started { get; }

    /// <summary>Starts <c>pulp serve</c> and waits until it listens.</summary>
    /// <param name="dataDir">Its data directory.</param>
    /// <param name="database">URL of its database; empty is SQLite in the data directory.</param>
    /// <param name="more">More of its command line, such as <c>--plugin-dir</c> and a directory of plugins' folders.</param>
    /// <exception cref="InvalidOperationException">It ended before it listened; the message says what it wrote.</exception>
    public static async Task<ServerProcess> ServeAsync(string dataDir, string database, params string[] more)
    {
        string[] listen = more.Contains("--listen") ? [] : ["--listen", "http://127.0.0.1:0"];
        var (process, lines) = Start(["serve", "--data-dir", dataDir, "--database", database, .. listen, .. more]);
        var output = new LineLog(lines);
        return await output.FindAsync(line => ListensOn().IsMatch(line)) is { } line
            ? new ServerProcess(process, output, ListensOn().Match(line).Groups[1].Value)
            : throw new InvalidOperationException("The server ended: " + await process.StandardError.ReadToEndAsync());
    }

    /// <summary>What it has written so far.</summary>
    public IReadOnlyList<string> Lines => _output.Lines;

    /// <summary>A line of its output, which is waited for.</summary>
    /// <param name="wanted">Whether it is that line.</param>
    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        try
        {
            return await _output.FindAsync(wanted).WaitAsync(TimeSpan.FromMinutes(3))
                ?? throw new InvalidOperationException("The server ended without that line.");
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"The line was not written, but:\n{string.Join('\n', Lines)}", error);
        }
    }

    /// <summary>Waits until the server has logged a line with this text.</summary>
    /// <param name="text">The text.</param>
    public Task LoggedAsync(string text) => LineAsync(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Until all of its output has been read.</summary>
    public Task EndAsync() => _output.FindAsync(_ => false);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="arguments">Command and options.</param>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (process, lines) = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await lines.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    /// <summary>Runs a command until it writes a line with this text, which is answered, and kills it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="arguments">Command and options.</param>
    public static async Task<string> LineAsync(string text, params string[] arguments)
    {
        var (process, lines) = Start(arguments);
        using (process)
        {
            try
            {
                while (await lines.ReadLineAsync() is { } line)
                {
                    if (line.Contains(text, StringComparison.Ordinal))
                    {
                        return line;
                    }
                }

                throw new InvalidOperationException($"It ended without '{text}'.");
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static (Process, StreamReader) Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PULP_DEFAULT_ADMIN_PASSWORD"] = Password;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server can't be started.");
        return (process, process.StandardOutput);
    }

    /// <summary>SIGSTOP: it stands still, as a suspended machine does.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>SIGKILL: no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; answers the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(
            "kill",
            ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
        );
        await kill.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"Pulp listens on (https?://\S+?)[,\s]")]
    private static partial Regex ListensOn();
}
