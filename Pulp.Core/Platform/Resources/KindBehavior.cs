using Pulp.Core.Platform.Http;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>What a kind adds to the generated create, update and delete.</summary>
internal sealed class KindBehavior
{
    /// <summary>Names its requests may carry beside its fields.</summary>
    public IReadOnlyList<string> ExtraMembers { get; init; } = [];

    /// <summary>Rules across fields; also for plugins' own.</summary>
    public Func<ChangeInput, CancellationToken, Task> Validate { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What takes long and must not hold up the transaction, such as hashing; it may change what was given.</summary>
    public Func<ChangeInput, CancellationToken, Task> BeforeWrite { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>More rows, in the transaction that inserts or updates the resource.</summary>
    public Func<IDb, ResourceKey, ChangeInput, CancellationToken, Task> AfterWrite { get; set; } =
        (_, _, _, _) => Task.CompletedTask;

    /// <summary>Before a deletion is taken on; what it throws refuses it.</summary>
    public Func<ResourceKey, CancellationToken, Task> CheckDelete { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>In the transaction that deletes it, before.</summary>
    public Func<IDb, ResourceKey, Reach, CancellationToken, Task> BeforeDelete { get; set; } =
        (_, _, _, _) => Task.CompletedTask;

    /// <summary>What a change keeps others away from; the key is absent at creation.</summary>
    public Func<ResourceKind, ResourceKey?, Reach, DispatchOptions> Reserve { get; set; } =
        (kind, key, reach) =>
            new DispatchOptions { Immediate = true }.Exclusive(
                key is { } known ? kind.Prn(known) : DomainResource.Prn(reach, kind.PulpType)
            );

    /// <summary>Creates a resource of the kind in the general task, where that is more than storing its fields.</summary>
    public Func<IServiceProvider, string, ITaskContext, CancellationToken, Task<object?>>? CreateInTask { get; init; }

    /// <summary>Deletes a resource of the kind in the general task, where that is more than removing its row.</summary>
    public Func<IServiceProvider, Guid, ITaskContext, CancellationToken, Task>? DeleteInTask { get; init; }

    /// <summary>What is served may look different afterwards.</summary>
    public bool AffectsServing { get; set; }

    /// <summary>The one repository whose distributions serve something else after a creation; null where it may be anything.</summary>
    public Func<ResourceKey, ChangeInput, Guid?> CreationServes { get; init; } = (_, _) => null;
}

/// <summary>A change being validated: what was given, and what the resource will be.</summary>
/// <param name="Db">The database.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Reach">What whoever asked may reach.</param>
/// <param name="Key">The resource; null at creation.</param>
/// <param name="Given">Fields of the request.</param>
/// <param name="Merged">The given fields over the stored ones.</param>
/// <param name="Body">The request.</param>
/// <param name="Errors">Takes what is wrong.</param>
internal sealed record ChangeInput(
    IDb Db,
    ResourceKind Kind,
    Reach Reach,
    ResourceKey? Key,
    FieldValues Given,
    FieldValues Merged,
    RequestBody Body,
    ValidationErrors Errors
)
{
    /// <summary>The resource as it is stored; null at creation.</summary>
    public PulpResource? Current { get; init; }

    public T? Value<T>(string propertyName) => Merged[Kind.FieldOf(propertyName)] is T value ? value : default;
}
