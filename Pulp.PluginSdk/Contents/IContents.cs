using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Contents;

/// <summary>Content units of all kinds: stores and finds them, in a task and outside of one.</summary>
public interface IContents
{
    /// <summary>
    /// Stores units with their files, in one transaction. A unit that is stored already is found, not doubled, and is of interest
    /// again. Nothing holds them yet: orphan clean-up may remove them when their protection time is over, so add them to a
    /// repository soon, or store and add them in one step (<see cref="Repositories.IVersionDraft"/>).
    /// </summary>
    /// <param name="units">The units.</param>
    /// <param name="from">The remote that their files can be fetched from on demand; null for none.</param>
    /// <param name="cancellationToken">Stops it; nothing is stored then.</param>
    /// <returns>Their ids, in order, and behind them those of their <see cref="DeclaredContent.Followers"/>.</returns>
    Task<IReadOnlyList<Guid>> SaveAsync(
        IReadOnlyList<DeclaredContent> units,
        Remote? from,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// The same, and whatever <paramref name="along"/> does in the same transaction.
    /// </summary>
    /// <param name="units">The units.</param>
    /// <param name="from">The remote that their files can be fetched from on demand; null for none.</param>
    /// <param name="along">
    /// Gets the ids; null does nothing. It is called again when the database gave its
    /// transaction up for the sake of others.
    /// </param>
    /// <param name="cancellationToken">Stops it; nothing is stored then.</param>
    /// <returns>Their ids, in order, and behind them those of their followers.</returns>
    Task<IReadOnlyList<Guid>> SaveAsync(
        IReadOnlyList<DeclaredContent> units,
        Remote? from,
        Func<IDb, IReadOnlyList<Guid>, CancellationToken, Task>? along,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Stores units ahead of a version that is made of them next (<see cref="Repositories.IRepositoryVersions.ChangeAsync"/>): that waits for
    /// the disk once for both. Before it returns nobody is to be told that they are stored: a crash of the database may take them, and
    /// takes the version with them.
    /// </summary>
    /// <param name="units">The units.</param>
    /// <param name="from">The remote that their files can be fetched from on demand; null for none.</param>
    /// <param name="cancellationToken">Stops it; nothing is stored then.</param>
    /// <returns>Their ids, in order, and behind them those of their followers.</returns>
    Task<IReadOnlyList<Guid>> SaveAheadAsync(
        IReadOnlyList<DeclaredContent> units,
        Remote? from,
        CancellationToken cancellationToken
    );

    /// <summary>Units of one kind, whether or not a repository holds them, in the order of their ids.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="where">A condition on the kind's own columns, under the alias <c>d</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<T> FindAsync<T>(SqlText where, CancellationToken cancellationToken)
        where T : Content;

    /// <summary>
    /// Says that units' own columns were changed by a statement of the plugin's: whatever is remembered of what is served is made anew,
    /// in all processes. Units are the same for all repositories, so this is for corrections.
    /// </summary>
    /// <param name="cancellationToken">Stops it.</param>
    Task TellChangedAsync(CancellationToken cancellationToken);

    /// <summary>The stored files of a unit, by their relative paths; files that weren't fetched yet are left out.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyDictionary<string, Artifact>> FilesAsync(Guid unit, CancellationToken cancellationToken);
}
