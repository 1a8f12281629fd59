using Pulp.Core.Platform.Resources;
using Pulp.Core.Publications;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.PluginServices;

/// <summary>Makes the dispatchers that plugins get.</summary>
internal sealed class PluginDispatchers(IServiceProvider services) : ITaskDispatchers
{
    public ITaskDispatcher For(TaskOrigin origin) => new PluginDispatcher(services, origin);
}

/// <summary>The dispatcher as plugins get it: tasks belong to who asked, or to the task that sends them.</summary>
internal sealed class PluginDispatcher(IServiceProvider services, TaskOrigin origin) : ITaskDispatcher
{
    public Task<Guid> SendAsync<TTask, TArgs>(TArgs args, DispatchOptions options, CancellationToken cancellationToken)
        where TTask : PulpTask<TArgs> =>
        services.GetRequiredService<TaskDispatcher>().SendAsync<TTask, TArgs>(args, options, origin, cancellationToken);

    public Task<Guid> SyncAsync(Guid repository, SyncRequest sync, CancellationToken cancellationToken) =>
        services.GetRequiredService<SyncDispatch>().SendAsync(repository, sync, origin, cancellationToken);

    public Task<Guid> PublishAsync(Guid version, Publication publication, CancellationToken cancellationToken) =>
        services.GetRequiredService<PublishDispatch>().SendAsync(version, publication, origin, cancellationToken);

    public Task<Guid> SendGroupAsync(
        string description,
        Func<Guid, CancellationToken, Task> send,
        CancellationToken cancellationToken
    ) => services.GetRequiredService<TaskGroups>().SendAsync(origin.Reach.Domain, description, send, cancellationToken);

    public string Href(Guid task) => $"{origin.Reach.Scope.Root}tasks/{task}/";

    public Task<TaskEnd> FinishedAsync(Guid task, CancellationToken cancellationToken) =>
        services.GetRequiredService<TaskWaiters>().FinishedAsync(task, origin.Reach, cancellationToken);
}
