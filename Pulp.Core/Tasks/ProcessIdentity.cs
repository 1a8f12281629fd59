using System.Globalization;

namespace Pulp.Core.Tasks;

/// <summary>This process as others see it in the database.</summary>
internal sealed class ProcessIdentity
{
    public ProcessIdentity()
    {
        Host = Environment.MachineName;
        Key = KeyOf(Environment.ProcessId) ?? $"{Host}/{Environment.ProcessId}/{Guid.NewGuid()}";
        ApiId = Ids.New();
    }

    public string Host { get; }

    /// <summary>
    /// Machine's boot, process namespace, process id and start time: two processes never share it, and whoever runs on the same
    /// machine can tell whether the process is alive.
    /// </summary>
    public string Key { get; }

    /// <summary>Row of the API, which immediate tasks belong to.</summary>
    public Guid ApiId { get; }

    public bool IsRegistered { get; set; }

    /// <summary>True when the process certainly has ended; false when it lives or can't be seen from here.</summary>
    public static bool IsCertainlyGone(string key)
    {
        var parts = key.Split('/');
        if (parts.Length != 4 || KeyOf(Environment.ProcessId) is not { } own)
        {
            return false;
        }

        var ours = own.Split('/');
        if (parts[0] != ours[0])
        {
            return false;
        }

        return parts[1] == ours[1]
            && int.TryParse(parts[2], CultureInfo.InvariantCulture, out var pid)
            && KeyOf(pid) != key;
    }

    private static string? KeyOf(int pid)
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            var space = new FileInfo("/proc/self/ns/pid").LinkTarget?.Replace("/", "", StringComparison.Ordinal) ?? "";
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            // A zombie has ended: only its parent hasn't looked yet.
            return fields[0] == "Z" ? null : $"{boot}/{space}/{pid}/{fields[19]}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // No such process, or a system without /proc.
        }
    }
}
