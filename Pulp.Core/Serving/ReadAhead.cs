namespace Pulp.Core.Serving;

/// <summary>
/// Who walks through a whole distribution asks for each path once: when the look-ups have cost about as much as reading all files
/// of it at once does, that is done, so that never more than twice the least is spent.
/// </summary>
internal sealed partial class ReadAhead(
    RememberedAnswers remembered,
    PathLookup lookup,
    IHostApplicationLifetime lifetime,
    ILogger<ReadAhead> logger
)
{
    /// <summary>Files that are read at once for what one look-up costs; measured.</summary>
    private const int FilesPerLookup = 10;

    /// <summary>What a remembered file takes, about: a distribution of which not all would stay isn't read at once.</summary>
    private const int BytesPerFile = 800;

    private int _reading;

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

            if (files * BytesPerFile > remembered.GenerationBytes)
            {
                return;
            }

            await foreach (var (path, answer) in lookup.AllAsync(distribution.State, stopping))
            {
                if (distribution.Answers.IsGone)
                {
                    return;
                }

                remembered.Keep(distribution, "/" + path, answer);
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
