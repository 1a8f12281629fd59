using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>The directories of running tasks, below the data directory.</summary>
internal sealed partial class WorkingDirectories(
    Database database,
    PulpSettings settings,
    ILogger<WorkingDirectories> logger
)
{
    private string Root => Path.Combine(settings.DataDir, "tmp", "tasks");

    public string For(Guid task) => Path.Combine(Root, task.ToString());

    /// <summary>Removes those whose tasks have ended: a killed process couldn't.</summary>
    public async Task RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Root))
        {
            return;
        }

        var found = Directory
            .EnumerateDirectories(Root)
            .Where(d => Guid.TryParse(Path.GetFileName(d), out _))
            .ToDictionary(d => Guid.Parse(Path.GetFileName(d)));
        if (found.Count == 0)
        {
            return;
        }

        var running = await database.QueryAsync<Guid>(
            $"select pulp_id from core_task where state in ('running', 'canceling') and pulp_id in {found.Keys.ToArray()}",
            cancellationToken
        );
        foreach (var (_, directory) in found.ExceptBy(running, f => f.Key))
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Its task ended in this very moment and took it along.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // One that can't be removed is no reason to leave the others.
                LogNotRemoved(directory, error.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The working directory {Path} can't be removed: {Reason}")]
    private partial void LogNotRemoved(string path, string reason);
}
