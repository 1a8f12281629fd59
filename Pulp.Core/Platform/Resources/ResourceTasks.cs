using Pulp.Core.Platform.Http;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>Arguments of the tasks that change a resource of any kind.</summary>
/// <param name="Model">The kind.</param>
/// <param name="Id">The resource; of one that is to be created its id, where somebody has given it one already.</param>
/// <param name="Body">The request.</param>
/// <param name="Partial">Whether what it doesn't name stays.</param>
internal sealed record ResourceChange(string Model, Guid? Id, StoredBody Body, bool Partial);

/// <summary>Creates a resource.</summary>
[PulpTask("pulpcore.app.tasks.base.general_create")]
internal sealed class GeneralCreate(
    ResourceChanges changes,
    ResourceReader reader,
    ResourceRegistry registry,
    IServiceProvider services
) : PulpTask<ResourceChange>
{
    public override async Task<object?> RunAsync(
        ResourceChange args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var kind = Models.Find(registry, args.Model);
        if (kind.Behavior.CreateInTask is { } create)
        {
            return await create(services, args.Body.Json, task, cancellationToken);
        }

        await using var body = RequestBody.From(args.Body);
        var id = await changes.CreateAsync(kind, TaskContext.Of(task).Reach, body, cancellationToken, id: args.Id);
        task.Created(kind.Href(TaskContext.Of(task).Reach.Scope, id), kind.Prn(id));
        return await reader.FindAsync(kind, TaskContext.Of(task).Reach, id, CancellationToken.None);
    }
}

/// <summary>Updates a resource.</summary>
[PulpTask("pulpcore.app.tasks.base.ageneral_update")]
internal sealed class GeneralUpdate(ResourceChanges changes, ResourceReader reader, ResourceRegistry registry)
    : PulpTask<ResourceChange>
{
    public override async Task<object?> RunAsync(
        ResourceChange args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var kind = Models.Find(registry, args.Model);
        var id = args.Id ?? throw ResourceChanges.NotFound(kind);
        await using var body = RequestBody.From(args.Body);
        var mode = args.Partial ? BindMode.Patch : BindMode.Replace;
        await changes.UpdateAsync(kind, TaskContext.Of(task).Reach, id, body, mode, cancellationToken);
        return await reader.FindAsync(kind, TaskContext.Of(task).Reach, id, CancellationToken.None);
    }
}

/// <summary>Deletes a resource; one that is gone already is no failure.</summary>
[PulpTask("pulpcore.app.tasks.base.ageneral_delete")]
internal sealed class GeneralDelete(ResourceChanges changes, ResourceRegistry registry, IServiceProvider services)
    : PulpTask<ResourceChange>
{
    public override async Task<object?> RunAsync(
        ResourceChange args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var kind = Models.Find(registry, args.Model);
        if (args.Id is { } id)
        {
            if (kind.Behavior.DeleteInTask is { } delete)
            {
                await delete(services, id, task, cancellationToken);
                return null;
            }

            await changes.DeleteAsync(kind, TaskContext.Of(task).Reach, id, cancellationToken);
        }

        return null;
    }
}

file static class Models
{
    public static ResourceKind Find(ResourceRegistry registry, string model) =>
        registry.TryModel(model, out var kind)
            ? kind
            : throw new ConflictException($"No installed component knows '{model}'.");
}
