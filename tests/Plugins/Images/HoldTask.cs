using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Tasks;

namespace Pulp.TestPlugins.Images;

/// <summary>A repository that a task has for itself until somebody says that it is enough.</summary>
/// <param name="Repository">Its id.</param>
public sealed record HoldArgs(Guid Repository);

/// <summary>Has a repository for itself.</summary>
[PulpTask("pulp_images.app.tasks.hold")]
internal sealed class HoldTask : PulpTask<HoldArgs>
{
    private static readonly ConcurrentDictionary<Guid, TaskCompletionSource> Holds = [];
    private static readonly ConcurrentDictionary<Guid, int> Comers = [];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "{repository:guid}/hold",
            async (Guid repository, ITaskDispatcher dispatcher, CancellationToken cancellationToken) =>
                Results.Json(
                    new
                    {
                        task = await dispatcher.SendAsync<HoldTask, HoldArgs>(
                            new HoldArgs(repository),
                            new DispatchOptions().Exclusive($"prn:images.imagerepository:{repository}"),
                            cancellationToken
                        ),
                    }
                )
        );
        routes.MapPost("{repository:guid}/release", (Guid repository) => Of(repository).TrySetResult());
        routes.MapGet(
            "{repository:guid}/comers",
            (Guid repository) => Results.Json(new { count = Comers.GetValueOrDefault(repository) })
        );
    }

    /// <summary>Somebody is about to change the repository.</summary>
    public static void Comes(Guid repository) => Comers.AddOrUpdate(repository, 1, (_, before) => before + 1);

    public override async Task<object?> RunAsync(HoldArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        await Of(args.Repository).Task.WaitAsync(cancellationToken);
        return null;
    }

    private static TaskCompletionSource Of(Guid repository) =>
        Holds.GetOrAdd(repository, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
