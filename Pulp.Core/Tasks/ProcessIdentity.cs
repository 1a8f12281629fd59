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
    public static bool IsCertainlyGone(string key) => IsCertainlyGone(key, "/proc");

    internal static bool IsCertainlyGone(string key, string proc)
    {
        var parts = key.Split('/');
        if (parts.Length != 4 || SpaceOf() is not { } space || $"{parts[0]}/{parts[1]}" != space)
        {
            return false;
        }

        try
        {
            // A zombie has ended: only its parent hasn't looked yet.
            var (state, started) = ReadStat($"{proc}/{parts[2]}/stat");
            return state == "Z" || started != parts[3];
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // It is there, or may be: too many files are open, say. The heartbeat will tell.
        }
    }

    private static string? KeyOf(int pid)
    {
        try
        {
            return SpaceOf() is { } space ? $"{space}/{pid}/{ReadStat($"/proc/{pid}/stat").Started}" : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // A system without /proc.
        }
    }

    /// <summary>The machine's boot and the process namespace: where a process id means something.</summary>
    private static string? SpaceOf()
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            var space = new FileInfo("/proc/self/ns/pid").LinkTarget?.Replace("/", "", StringComparison.Ordinal);
            return $"{boot}/{space}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (string State, string Started) ReadStat(string path)
    {
        var stat = File.ReadAllText(path);
        // The name in front may hold anything, blanks too.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (fields[0], fields[19]);
    }
}
