using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// Looks now and then whether what is served has changed without our being told: a connection for notifications that died quietly
/// must not leave a process serving what was.
/// </summary>
internal sealed partial class ServingWatch(
    DistributionTable table,
    ServingStamp stamp,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<ServingWatch> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, settings.WorkerTtl / 6.0)), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (table.IsCurrent && table.Loaded.Stamp != await stamp.ReadAsync(stoppingToken))
                {
                    table.Invalidate();
                }
            }
            catch (Exception error) when (error is PulpException or System.Data.Common.DbException)
            {
                LogMissed(error.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Whether what is served has changed can't be asked: {Reason}")]
    private partial void LogMissed(string reason);
}
