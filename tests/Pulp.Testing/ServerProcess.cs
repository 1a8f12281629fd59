using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pulp.Testing;

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
        Api = new PulpClient(url, "admin", TestServer.Password);
    }

    /// <summary>The program that is started; benchmarks name the published one.</summary>
    public static string Program { get; set; } = Path.Combine(TestServer.HostDir, "pulp");

    public int Id => _process.Id;

    public string Url { get; }

    public PulpClient Api { get; }

    /// <summary>What it printed until it listened.</summary>
    public string Started { get; }

    /// <summary>Starts <c>pulp serve</c> and waits until it listens.</summary>
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
    public async Task<string> LineAsync(Func<string, bool> wanted)
    {
        try
        {
            return await _output.FindAsync(wanted).WaitAsync(TimeSpan.FromSeconds(60))
                ?? throw new InvalidOperationException("The server ended without that line.");
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"The line was not written, but:\n{string.Join('\n', Lines)}", error);
        }
    }

    /// <summary>Waits until the server has logged a line with this text.</summary>
    public Task LoggedAsync(string text) => LineAsync(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Until all of its output has been read.</summary>
    public Task EndAsync() => _output.FindAsync(_ => false);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (process, lines) = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await lines.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    /// <summary>Runs a command until it writes a line with this text, which is answered, and kills it.</summary>
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
        start.Environment["PULP_DEFAULT_ADMIN_PASSWORD"] = TestServer.Password;
        start.Environment["PULP_WORKER_TTL"] = "6";
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
