using Pulp.Core.Repair;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

internal sealed record RepairArgs(Guid Version, bool VerifyChecksums);

/// <summary>Checks the files of one version, and fetches anew what is broken.</summary>
[PulpTask("pulpcore.app.tasks.repository.repair_version")]
internal sealed class RepairVersion(Database database, Versions versions, ArtifactRepair repair) : PulpTask<RepairArgs>
{
    public override async Task<object?> RunAsync(
        RepairArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version =
            await versions.FindAsync(database, args.Version, cancellationToken)
            ?? throw new ConflictException("The repository version is gone.");
        await repair.RunAsync(
            $"""
            pulp_id in (select f.artifact_id from core_repositorycontent rc
                          join core_contentartifact f on f.content_id = rc.content_id
                         where rc.repository_id = {version.RepositoryId} and f.artifact_id is not null
                           and +rc.version_added <= {version.Number}
                           and (rc.version_removed is null or rc.version_removed > {version.Number}))
            """,
            args.VerifyChecksums,
            task,
            cancellationToken
        );
        return null;
    }
}
