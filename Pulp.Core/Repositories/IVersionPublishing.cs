using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>Publishes versions of repositories that want each of theirs published.</summary>
internal interface IVersionPublishing
{
    /// <summary>The publication that a repository wants of each of its versions; null for none.</summary>
    Task<Publication?> WantedAsync(Guid repository, CancellationToken cancellationToken);

    /// <summary>Writes a publication of a version that isn't complete yet; nobody sees it.</summary>
    Task<WrittenPublication> WriteAsync(
        Publication wanted,
        VersionRow version,
        ITaskContext task,
        CancellationToken cancellationToken
    );

    /// <summary>Makes it visible, in the transaction that completes its version.</summary>
    Task CompleteAsync(IDb tx, WrittenPublication publication, CancellationToken cancellationToken);

    /// <summary>Sends the task that publishes a version, in the transaction that completes it.</summary>
    Task SendAsync(
        IDb tx,
        Publication wanted,
        VersionRow version,
        TaskOrigin origin,
        CancellationToken cancellationToken
    );
}

/// <summary>A publication that is written and not yet visible.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PassesThrough">Whether it serves the units of its version under their own paths, too.</param>
internal sealed record WrittenPublication(Guid Id, bool PassesThrough);
