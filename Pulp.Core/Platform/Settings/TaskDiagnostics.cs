namespace Pulp.Core.Platform.Settings;

/// <summary>What can be recorded of a task, as the setting and the header <c>X-Task-Diagnostics</c> name it.</summary>
internal static class TaskDiagnostics
{
    public const string Header = "X-Task-Diagnostics";
    public const string Memory = "memory";
    public const string Cpu = "cpu";
    public const string Logs = "logs";
    public const string DebugLogs = "debug-logs";

    public static readonly string[] All = [Memory, Cpu, Logs, DebugLogs];

    /// <summary>Those that a list names; others are left out, as profilers of other servers.</summary>
    public static IReadOnlyList<string> Read(string? list) =>
        string.IsNullOrEmpty(list)
            ? []
            :
            [
                .. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    .Intersect(All, StringComparer.Ordinal),
            ];
}
