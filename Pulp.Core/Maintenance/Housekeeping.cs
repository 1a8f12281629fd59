using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;
using Pulp.Core.Uploads;

namespace Pulp.Core.Maintenance;

/// <summary>What tidies itself: old uploads and tasks, as the settings say. Each step is bounded and may run in several processes.</summary>
internal sealed class Housekeeping(
    Database database,
    UploadChunks chunks,
    StagedUploadBytes staged,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<Housekeeping> logger
) : BackgroundService
{
    private const long BatchSize = 500;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new Turns("Housekeeping", TimeSpan.FromMinutes(10), clock, logger).RunAsync(TidyAsync, stoppingToken);

    /// <summary>One look at all of it.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        await RemoveUploadsAsync(cancellationToken);
        await staged.RemoveExpiredAsync(BatchSize, cancellationToken);
        await RemoveTasksAsync(cancellationToken);
    }

    private async Task RemoveUploadsAsync(CancellationToken cancellationToken)
    {
        if (settings.UploadProtectionTime == 0)
        {
            return;
        }

        var before = clock.GetUtcNow().AddMinutes(-settings.UploadProtectionTime);
        var old = await database.QueryAsync<Guid>(
            $"select pulp_id from core_upload where pulp_last_updated < {before} limit {BatchSize}",
            cancellationToken
        );
        foreach (var upload in old)
        {
            await chunks.RemoveAsync(upload, cancellationToken);
        }
    }

    private async Task RemoveTasksAsync(CancellationToken cancellationToken)
    {
        if (settings.TaskProtectionTime == 0)
        {
            return;
        }

        var before = clock.GetUtcNow().AddMinutes(-settings.TaskProtectionTime);
        var final = TaskStates.Final;
        await database.ExecuteAsync(
            $"""
            delete from core_task where pulp_id in (select pulp_id from core_task
                                                     where finished_at < {before} and state in {final} limit {BatchSize})
            """,
            cancellationToken
        );
    }
}
