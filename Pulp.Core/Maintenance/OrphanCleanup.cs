using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>What to clean: these units, or all; protected for so many minutes.</summary>
internal sealed record OrphanArgs(IReadOnlyList<Guid>? Content, long? ProtectionMinutes);

/// <summary>Removes a domain's content that no repository holds, files that nothing refers to, and files without a row.</summary>
[PulpTask("pulpcore.app.tasks.orphan.orphan_cleanup")]
internal sealed class OrphanCleanup(
    Orphans orphans,
    StrayFiles strays,
    ArtifactFiles files,
    UnfinishedTasks unfinished,
    PulpSettings settings,
    TimeProvider clock
) : PulpTask<OrphanArgs>
{
    public override async Task<object?> RunAsync(
        OrphanArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var domain = TaskContext.Of(task).Domain.Id;
        var wanted = clock.GetUtcNow().AddMinutes(-(args.ProtectionMinutes ?? settings.OrphanProtectionTime));
        await orphans.RemoveAsync(
            domain,
            args.Content,
            () => BeforeAsync(wanted, task.TaskId, cancellationToken),
            task,
            cancellationToken
        );
        if (args.Content is null)
        {
            await strays.RemoveAsync(domain, wanted, cancellationToken);
        }

        await files.RemoveAbandonedAsync(clock.GetUtcNow().AddDays(-1), cancellationToken);
        return null;
    }

    /// <summary>What tasks that haven't ended use stays, however short it is protected otherwise.</summary>
    private async Task<DateTimeOffset> BeforeAsync(
        DateTimeOffset wanted,
        Guid self,
        CancellationToken cancellationToken
    ) => await unfinished.UseSinceAsync(self, cancellationToken) is { } used && used < wanted ? used : wanted;
}
