using System.Globalization;

namespace Pulp.Bench;

/// <summary>A line of the table.</summary>
internal sealed record Line(string Scenario, string Ours)
{
    public string Reference { get; init; } = "";

    public string Ratio { get; init; } = "";

    public string Server { get; init; } = "";

    public string Aim { get; init; } = "";

    /// <summary>Two rates side by side.</summary>
    public static Line Of(string name, Measured ours, Measured reference, string what, string aim) =>
        new(name, Rate(ours))
        {
            Reference = $"{Rate(reference)} ({what})",
            Ratio = Number($"{ours.PerSecond / reference.PerSecond:F2} times the rate"),
            Server = Number(
                $"{ours.Cpu:F0} us CPU, {ours.Cpu / Math.Max(reference.Cpu, 0.01):F2} times; {ours.Peak:F0} MiB peak"
            ),
            Aim = aim,
        };

    /// <summary>A rate without anything beside it.</summary>
    public static Line Of(string name, Measured ours, string aim = "") =>
        new(name, Rate(ours)) { Server = Number($"{ours.Cpu:F0} us CPU; {ours.Peak:F0} MiB peak"), Aim = aim };

    /// <summary>Something that was done once.</summary>
    public static Line Of(string name, string ours, Cost cost, string aim = "") =>
        new(name, ours) { Server = Number($"{cost.Cpu:F2} s CPU; {cost.Peak:F0} MiB peak"), Aim = aim };

    /// <summary>Times of single operations, in milliseconds.</summary>
    public static Line Of(string name, IReadOnlyList<double> times, string aim = "") =>
        new(
            name,
            Number($"p50 {Measuring.Percentile(times, 0.5):F1} ms, p99 {Measuring.Percentile(times, 0.99):F1} ms")
        )
        {
            Aim = aim,
        };

    public static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Rate(Measured measured) =>
        Number($"{measured.PerSecond:F0}/s, p50 {measured.P50:F2} ms, p99 {measured.P99:F2} ms");

    public override string ToString() => $"{Scenario} | {Ours} | {Reference} | {Ratio} | {Server} | {Aim} |";
}
