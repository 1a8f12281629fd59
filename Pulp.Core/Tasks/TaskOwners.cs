using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Tasks;

/// <summary>Who gets roles on a task that is sent.</summary>
internal enum TaskOwnership
{
    /// <summary>The sender owns it, and nobody gets more: its row says so.</summary>
    Sender,

    /// <summary>The sender owns it, and the policy gives roles to others too.</summary>
    SenderAndOthers,

    /// <summary>What the policy says, which isn't that the sender owns it.</summary>
    Others,
}

/// <summary>Reads from the policy of tasks who gets roles on those that are sent.</summary>
internal sealed class TaskOwners(PolicyBook policies, IOwnership ownership, ResourceRegistry registry)
{
    public async ValueTask<TaskOwnership> OfAsync(CancellationToken cancellationToken)
    {
        var (policy, _) = await policies.OfAsync("tasks", cancellationToken);
        var isSenders = policy.Hooks.Any(h =>
            h.Function == CreationHook.ForCreator && h.Roles.Contains(TaskRights.Owner)
        );
        return !isSenders ? TaskOwnership.Others
            : policy.Hooks is [{ Roles.Count: 1 }] ? TaskOwnership.Sender
            : TaskOwnership.SenderAndOthers;
    }

    /// <summary>Gives what the policy says, in the transaction that sends the task.</summary>
    public Task GiveAsync(IDb tx, Guid task, Reach reach, CancellationToken cancellationToken) =>
        ownership.CreatedAsync(tx, registry.For<TaskRecord>(), reach, task, cancellationToken);
}
