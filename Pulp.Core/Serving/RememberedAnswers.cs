using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// Keeps the answers that were found, up to a number. Who walks through a whole distribution asks for each path once: when the
/// look-ups have cost about as much as reading all files of it at once does, that is done, so that never more than twice the least
/// is spent.
/// </summary>
internal sealed partial class RememberedAnswers(
    DistributionTable table,
    PathLookup lookup,
    PulpSettings settings,
    IHostApplicationLifetime lifetime,
    ILogger<RememberedAnswers> logger
)
{
    /// <summary>Files that are read at once for what one look-up costs; measured.</summary>
    private const int FilesPerLookup = 10;

    private int _count;
    private int _reading;

    /// <summary>Keeps an answer for as long as the distribution's state stays what it is.</summary>
    public void Keep(ServedDistribution distribution, string path, ServedAnswer answer)
    {
        if (Interlocked.Increment(ref _count) > settings.ContentCachePaths)
        {
            Interlocked.Exchange(ref _count, 0);
            table.ForgetAnswers();
        }

        distribution.Answers[path] = answer;
    }

    /// <summary>Notes that a file had to be looked up.</summary>
    public void LookedUp(ServedDistribution distribution)
    {
        var lookups = distribution.CountLookup();
        if (lookups >= distribution.ReadAllAt)
        {
            _ = ReadAllAsync(distribution, lookups);
        }
    }

    private async Task ReadAllAsync(ServedDistribution distribution, int lookups)
    {
        // One at a time: the look-ups go on meanwhile.
        if (Interlocked.Exchange(ref _reading, 1) == 1)
        {
            return;
        }

        try
        {
            var stopping = lifetime.ApplicationStopping;
            // Where it can't be done now, it is tried again after as many more.
            distribution.ReadAllAt = 2L * lookups;
            var files = await lookup.CountAsync(distribution.State, stopping);
            if (files > (long)lookups * FilesPerLookup)
            {
                distribution.ReadAllAt = files / FilesPerLookup;
                return;
            }

            if (Volatile.Read(ref _count) + files > settings.ContentCachePaths)
            {
                return;
            }

            await foreach (var (path, answer) in lookup.AllAsync(distribution.State, stopping))
            {
                if (distribution.Answers.TryAdd("/" + path, answer))
                {
                    Interlocked.Increment(ref _count);
                }
            }
        }
        catch (Exception error)
        {
            // An economy only: each path is still looked up when it is asked for.
            LogNotRead(distribution.State.BasePath, error.Message);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The files below {BasePath} could not be read at once: {Reason}")]
    private partial void LogNotRead(string basePath, string reason);
}
