using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pulp.Bench;

/// <summary>A rate with what it cost.</summary>
/// <param name="PerSecond">Operations a second.</param>
/// <param name="P50">Median, milliseconds.</param>
/// <param name="P99">99th percentile, milliseconds.</param>
/// <param name="Cpu">The server's CPU for each, microseconds.</param>
/// <param name="Peak">The server's peak resident memory meanwhile, MiB.</param>
internal sealed record Measured(double PerSecond, double P50, double P99, double Cpu, double Peak);

/// <summary>What something took.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="Cpu">The server's CPU, seconds.</param>
/// <param name="Peak">The server's peak resident memory meanwhile, MiB.</param>
internal sealed record Cost(double Seconds, double Cpu, double Peak);

internal static partial class Measuring
{
    /// <summary>Runs something and looks at what it cost the processes.</summary>
    public static async Task<Cost> CostAsync(IReadOnlyList<int> processes, Func<Task> work)
    {
        foreach (var id in processes)
        {
            // Begins a new peak of resident memory.
            await File.WriteAllTextAsync($"/proc/{id}/clear_refs", "5");
        }

        var before = CpuOf(processes);
        var watch = Stopwatch.StartNew();
        await work();
        return new Cost(
            watch.Elapsed.TotalSeconds,
            CpuOf(processes) - before,
            processes.Select(id => StatusOf(id, "VmHWM")).Max()
        );
    }

    /// <summary>Resident MiB of a process at this moment.</summary>
    public static double ResidentOf(int process) => StatusOf(process, "VmRSS");

    private static double StatusOf(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024;
    }

    private static double CpuOf(IEnumerable<int> processes)
    {
        var cpu = 0.0;
        foreach (var id in processes)
        {
            using var process = Process.GetProcessById(id);
            cpu += process.TotalProcessorTime.TotalSeconds;
        }

        return cpu;
    }

    /// <summary>wrk against an address; a script can vary the requests.</summary>
    public static async Task<Measured> WrkAsync(
        string url,
        IReadOnlyList<int> processes,
        int connections,
        int seconds,
        string? script = null,
        string[]? headers = null
    )
    {
        string[] common =
        [
            "-t1",
            $"-c{connections}",
            .. (headers ?? []).SelectMany(h => new[] { "-H", h }),
            .. script is null ? Array.Empty<string>() : ["-s", script],
        ];
        await RunAsync("wrk", [.. common, "-d1", url]);
        var output = "";
        var cost = await CostAsync(
            processes,
            async () => output = await RunAsync("wrk", [.. common, $"-d{seconds}", "--latency", url])
        );
        if (output.Contains("Non-2xx", StringComparison.Ordinal) && !url.EndsWith("/nope", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(output);
        }

        var requests = Number(RequestCount().Match(output).Groups[1].Value);
        return new Measured(
            Number(Rate().Match(output).Groups[1].Value),
            Time(output, "50%"),
            Time(output, "99%"),
            cost.Cpu / Math.Max(requests, 1) * 1e6,
            cost.Peak
        );
    }

    /// <summary>A script for wrk that walks through paths, again and again.</summary>
    public static string Cycle(string directory, IEnumerable<string> paths)
    {
        var list = Path.Combine(directory, $"paths-{Guid.NewGuid():N}.txt");
        File.WriteAllLines(list, paths);
        var script = list + ".lua";
        File.WriteAllText(
            script,
            $$"""
            local paths, at = {}, 0
            for line in io.lines("{{list}}") do paths[#paths + 1] = line end
            request = function() at = at % #paths + 1; return wrk.format(nil, paths[at]) end
            """
        );
        return script;
    }

    /// <summary>Ours, theirs, ours, theirs, in short turns: a noisy neighbour hits both. The better of two counts.</summary>
    public static async Task<(Measured Ours, Measured Reference)> AlternateAsync(
        Func<Task<Measured>> ours,
        Func<Task<Measured>> reference
    )
    {
        var (a1, b1) = (await ours(), await reference());
        var (a2, b2) = (await ours(), await reference());
        return (a1.PerSecond > a2.PerSecond ? a1 : a2, b1.PerSecond > b2.PerSecond ? b1 : b2);
    }

    /// <summary>Milliseconds of each of several runs.</summary>
    public static async Task<IReadOnlyList<double>> TimesAsync(int count, Func<Task> work)
    {
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var watch = Stopwatch.StartNew();
            await work();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return times;
    }

    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process =
            Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false }
            ) ?? throw new InvalidOperationException($"{program} can't be started.");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    public static double Percentile(IReadOnlyList<double> values, double part) =>
        values.Order().ElementAt((int)Math.Min(values.Count - 1, values.Count * part));

    private static double Time(string output, string line)
    {
        var match = Regex.Match(
            output,
            Regex.Escape(line) + @"\s+([\d.]+)(us|ms|s)",
            RegexOptions.None,
            TimeSpan.FromSeconds(1)
        );
        var scale = match.Groups[2].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            _ => 1000,
        };
        return Number(match.Groups[1].Value) * scale;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex RequestCount();
}
