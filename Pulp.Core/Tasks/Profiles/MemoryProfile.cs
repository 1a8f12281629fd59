using System.Globalization;
using System.Text;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>A table of the process's memory, every other second while the task runs. It is the process's, not the task's alone.</summary>
internal sealed class MemoryProfile : IProfile
{
    /// <summary>More than a day.</summary>
    private const int MaxLines = 50_000;
    private const double Mega = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly long _allocated = GC.GetTotalAllocatedBytes();
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private readonly TimeSpan _paused = GC.GetTotalPauseDuration();
    private readonly int[] _collections = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];
    private readonly StringBuilder _lines = new(
        "# seconds\tresident MB\theap MB\tallocated MB\tgen0\tgen1\tgen2\tpaused ms\tcpu seconds\tthreads\n"
    );
    private readonly CancellationTokenSource _end = new();
    private readonly Task _sampling;

    public MemoryProfile(TimeProvider clock)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _sampling = SampleAsync();
    }

    public string Name => "memory_profile";

    public async Task<byte[]?> EndAsync()
    {
        await _end.CancelAsync();
        await _sampling;
        AddLine();
        return Encoding.UTF8.GetBytes(_lines.ToString());
    }

    public void Dispose() => _end.Dispose();

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        try
        {
            for (var lines = 0; lines < MaxLines; lines++)
            {
                AddLine();
                await timer.WaitForNextTickAsync(_end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The task has ended.
        }
    }

    private void AddLine()
    {
        double[] values =
        [
            _clock.GetElapsedTime(_start).TotalSeconds,
            Environment.WorkingSet / Mega,
            GC.GetTotalMemory(forceFullCollection: false) / Mega,
            (GC.GetTotalAllocatedBytes() - _allocated) / Mega,
            .. Enumerable.Range(0, 3).Select(i => (double)(GC.CollectionCount(i) - _collections[i])),
            (GC.GetTotalPauseDuration() - _paused).TotalMilliseconds,
            (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds,
            ThreadPool.ThreadCount,
        ];
        _lines.AppendJoin('\t', values.Select(v => v.ToString("0.##", CultureInfo.InvariantCulture))).Append('\n');
    }
}
