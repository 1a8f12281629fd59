using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Platform.Data;

/// <summary>Runs the database's background work while the process runs.</summary>
internal sealed class DatabaseBackground(Database database, ModuleCatalog modules) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        database.StartBackgroundAsync(modules.Channels).WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
