using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;

namespace Pulp.Core.Serving;

/// <summary>
/// Looks now and then whether what is served has changed without our being told: a connection for notifications that died quietly
/// must not leave a process serving what was.
/// </summary>
internal sealed class ServingWatch(
    DistributionTable table,
    ServingChanges stamp,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<ServingWatch> logger
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var turns = new Turns(
            "Asking whether what is served has changed",
            Heartbeats.IntervalOf(settings),
            clock,
            logger
        );
        return turns.RunAsync(LookAsync, stoppingToken);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (table.IsCurrent && table.Loaded.Stamp != await stamp.ReadAsync(cancellationToken))
        {
            table.Invalidate();
        }
    }
}
