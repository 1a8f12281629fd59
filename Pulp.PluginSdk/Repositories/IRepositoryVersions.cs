using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Repositories;

/// <summary>The versions of repositories: reads them, and makes new ones, in a task and outside of one.</summary>
public interface IRepositoryVersions
{
    /// <summary>
    /// Makes the next version of a repository: the latest one, changed by <paramref name="change"/>. All of it is one transaction:
    /// the new version is there when this returns, and when anything throws nothing of it is. Callers that change the same repository
    /// at the same moment go one after the other, each from the version before it.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="change">
    /// Changes the draft. It is called again from the beginning when the database gave its transaction up for the sake of others, so
    /// it does nothing that can't be done twice.
    /// </param>
    /// <param name="cancellationToken">Stops it; nothing has happened then.</param>
    /// <returns>The new version; null when nothing changed.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such repository within reach.</exception>
    /// <exception cref="Errors.RepositoryBusyException">A task has had the repository for itself for too long.</exception>
    /// <exception cref="Errors.ConflictException">The version would break a rule of its repository.</exception>
    Task<RepositoryVersionRef?> ChangeAsync(
        Guid repository,
        Func<IVersionDraft, CancellationToken, Task> change,
        CancellationToken cancellationToken
    );

    /// <summary>The latest complete version of a repository; null when there is no such repository within reach.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<RepositoryVersionRef?> LatestAsync(Guid repository, CancellationToken cancellationToken);

    /// <summary>The units of one kind that a version holds, in the order of their ids, without holding them all.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="version">The version.</param>
    /// <param name="where">A condition on the kind's own columns, under the alias <c>d</c>; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<T> ContentAsync<T>(
        RepositoryVersionRef version,
        SqlText? where,
        CancellationToken cancellationToken
    )
        where T : Content;
}
