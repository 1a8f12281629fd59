namespace Pulp.PluginSdk.Testing;

/// <summary>The lines of a process's output, read as they come: whoever doesn't read lets the process wait when the pipe is full.</summary>
internal sealed class LineLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = NewSignal();
    private bool _ended;

    public LineLog(StreamReader reader) => _ = ReadAsync(reader);

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The first line that fits, once it is there; null when the output ended without.</summary>
    public async Task<string?> FindAsync(Func<string, bool> wanted)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                var found = _lines.Find(line => wanted(line));
                if (found is not null || _ended)
                {
                    return found;
                }

                more = _more.Task;
            }

            await more;
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync();
            TaskCompletionSource waiting;
            lock (_lock)
            {
                if (line is not null)
                {
                    _lines.Add(line);
                }

                _ended = line is null;
                waiting = _more;
                _more = NewSignal();
            }

            waiting.SetResult();
        } while (line is not null);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
