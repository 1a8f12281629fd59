namespace Pulp.Core.Platform.Data;

/// <summary>Listens to other processes while this one runs.</summary>
internal sealed class SignalListening(Database database) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        database.Signals.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
