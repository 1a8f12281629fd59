using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pulp.Bench;

/// <summary>A rate with what it cost.</summary>
/// <param name="PerSecond">Operations a second.</param>
/// <param name="P50">Median, milliseconds.</param>
/// <param name="P99">99th percentile, milliseconds.</param>
/// <param name="CpuPerOperation">The server's CPU, microseconds.</param>
internal sealed record Measured(double PerSecond, double P50, double P99, double CpuPerOperation);

internal static partial class Measuring
{
    /// <summary>CPU seconds and resident MiB of processes.</summary>
    public static (double Cpu, double Resident) Of(IEnumerable<int> processes)
    {
        var (cpu, resident) = (0.0, 0.0);
        foreach (var id in processes)
        {
            using var process = Process.GetProcessById(id);
            cpu += process.TotalProcessorTime.TotalSeconds;
            resident = Math.Max(resident, process.WorkingSet64 / 1048576.0);
        }

        return (cpu, resident);
    }

    /// <summary>wrk against an address; several paths are cycled through by a script.</summary>
    public static async Task<Measured> WrkAsync(
        string url,
        IEnumerable<int> processes,
        int connections,
        int seconds,
        string? header = null
    )
    {
        var ids = processes.ToList();
        string[] headers = header is null ? [] : ["-H", header];
        await RunAsync("wrk", ["-t1", $"-c{connections}", "-d1", .. headers, url]);
        var before = Of(ids).Cpu;
        var output = await RunAsync("wrk", ["-t1", $"-c{connections}", $"-d{seconds}", "--latency", .. headers, url]);
        var cpu = Of(ids).Cpu - before;
        if (output.Contains("Non-2xx", StringComparison.Ordinal) && !url.EndsWith("/nope", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(output);
        }

        var requests = Number(RequestCount().Match(output).Groups[1].Value);
        return new Measured(
            Number(Rate().Match(output).Groups[1].Value),
            Time(output, "50%"),
            Time(output, "99%"),
            cpu / requests * 1e6
        );
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

    public static double Percentile(List<double> values, double part)
    {
        values.Sort();
        return values[(int)Math.Min(values.Count - 1, values.Count * part)];
    }

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
