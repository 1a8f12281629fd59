using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pulp.Testing;

/// <summary>The server as a process of its own, which can be killed.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProcessLog _log;

    private ServerProcess(Process process, ProcessLog log, string url, string started)
    {
        _process = process;
        _log = log;
        Started = started;
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
        var started = new System.Text.StringBuilder();
        while (await lines.ReadLineAsync() is { } line)
        {
            started.AppendLine(line);
            if (ListensOn().Match(line) is { Success: true } match)
            {
                return new ServerProcess(process, new ProcessLog(lines), match.Groups[1].Value, started.ToString());
            }
        }

        throw new InvalidOperationException("The server ended: " + await process.StandardError.ReadToEndAsync());
    }

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

    /// <summary>Waits until the server has logged a line with this text since it listened.</summary>
    public async Task LoggedAsync(string text)
    {
        try
        {
            await _log.HasAsync(text).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"'{text}' was not logged, but:\n{_log}", error);
        }
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

    /// <summary>What the process logs: read on and on, or it would wait for a full pipe.</summary>
    private sealed class ProcessLog
    {
        private readonly List<string> _lines = [];
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ProcessLog(StreamReader lines) => _ = ReadAsync(lines);

        public override string ToString()
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }

        public async Task HasAsync(string text)
        {
            while (true)
            {
                Task more;
                lock (_lines)
                {
                    if (_lines.Exists(l => l.Contains(text, StringComparison.Ordinal)))
                    {
                        return;
                    }

                    more = _more.Task;
                }

                await more;
            }
        }

        private async Task ReadAsync(StreamReader lines)
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                lock (_lines)
                {
                    _lines.Add(line);
                    _more.TrySetResult();
                    _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    [GeneratedRegex(@"Pulp listens on (https?://\S+?)[,\s]")]
    private static partial Regex ListensOn();
}
