using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of repository.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IRepositoryKind<T> : IKind<T, IRepositoryKind<T>>
    where T : Repository
{
    /// <summary>A kind of content it may hold.</summary>
    /// <typeparam name="TContent">The kind.</typeparam>
    IRepositoryKind<T> Holds<TContent>()
        where TContent : Content;

    /// <summary>
    /// Looks at each new version, however it comes about, before it is complete: it may add and remove units, and an exception of
    /// the server's own kinds (<see cref="Errors.PulpException"/>) refuses the version. Versions that change nothing aren't shown.
    /// </summary>
    /// <param name="complete">Completes the version.</param>
    IRepositoryKind<T> BeforeVersion(Func<IVersionDraft, CancellationToken, Task> complete);

    /// <summary>How the access policy of its versions deviates from the standard, which asks for permissions on the repository.</summary>
    /// <param name="policy">The deviations.</param>
    IRepositoryKind<T> VersionAccess(AccessPolicy policy);

    /// <summary>An operation on a version: <c>POST {repository}versions/{number}/verb/</c>, or GET.</summary>
    /// <typeparam name="TBody">As with <see cref="IKind{T,TSelf}.Action{TBody}"/>.</typeparam>
    /// <param name="verb">Last part of the path, and the action's name in the versions' access policy.</param>
    /// <param name="permission">What the standard policy asks for on the repository, in full.</param>
    /// <param name="run">Does it.</param>
    /// <param name="options">Method and answer, where it isn't a POST that answers a task.</param>
    IRepositoryKind<T> VersionAction<TBody>(
        string verb,
        string permission,
        Func<VersionActionRequest<T, TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class;

    /// <summary>How it is synced.</summary>
    /// <typeparam name="TPlan">
    /// A <see cref="SyncPlan{TRepository,TRemote}"/>, or a <see cref="SyncPlan{TRepository,TRemote,TOptions}"/> whose requests carry
    /// options.
    /// </typeparam>
    /// <param name="taskName">The task's name on the wire.</param>
    IRepositoryKind<T> SyncsWith<TPlan>(string taskName)
        where TPlan : class;

    /// <summary>Publishes each new version by itself where the repository asks for it.</summary>
    /// <typeparam name="TPublication">The kind of publication.</typeparam>
    /// <param name="wanted">The publication to make, or null for none.</param>
    IRepositoryKind<T> Autopublishes<TPublication>(Func<T, TPublication?> wanted)
        where TPublication : Publication;
}
