using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

namespace Pulp.PluginSdk.Repositories;

/// <summary>A repository version that is being made: the latest one with the changes so far. Nobody else sees it yet.</summary>
public interface IVersionDraft
{
    /// <summary>The repository.</summary>
    Guid Repository { get; }

    /// <summary>The number that the version will have.</summary>
    long Number { get; }

    /// <summary>The database, inside the draft's transaction where there is one.</summary>
    IDb Db { get; }

    /// <summary>Ids of the units that it holds so far: a select, to be spliced into <c>in ({draft.Units})</c>.</summary>
    SqlText Units { get; }

    /// <summary>Ids of the units that it holds and the latest version doesn't: a select.</summary>
    SqlText AddedUnits { get; }

    /// <summary>Ids of the units that the latest version holds and it doesn't: a select.</summary>
    SqlText RemovedUnits { get; }

    /// <summary>Ids of the units that left it because units with their repository keys were added, not because somebody removed them.</summary>
    IReadOnlyCollection<Guid> ReplacedUnits { get; }

    /// <summary>
    /// Adds units, and what they refer to (<see cref="Plugin.IContentKind{T}.RefersTo{TOther}(string)"/>) before the version is complete.
    /// A unit with the repository key of one that is there replaces it.
    /// </summary>
    /// <param name="units">Their ids.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.ConflictException">A unit isn't there any more, or never was in the repository's domain.</exception>
    Task AddAsync(IReadOnlyCollection<Guid> units, CancellationToken cancellationToken);

    /// <summary>
    /// The same behind whatever else is done to the version, in one round trip with what completing it asks: for changes that ask nothing
    /// of the draft in between, such as pushes, which come by the hundred. Until then the draft doesn't hold them. Not from several threads at once.
    /// </summary>
    /// <param name="units">Their ids.</param>
    void AddAtEnd(IReadOnlyCollection<Guid> units);

    /// <summary>
    /// Runs a statement on the plugin's own tables with the commit of the version, for which nobody waits: also where nothing changed.
    /// A draft without a transaction runs it at once.
    /// </summary>
    /// <param name="statement">The statement.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task ExecuteAtEndAsync(SqlText statement, CancellationToken cancellationToken);

    /// <summary>
    /// Stores units with their files and adds them, in one step: no clean-up of orphans comes between. Answers their ids, in order, and
    /// behind them those of their <see cref="DeclaredContent.Followers"/>, which are added too.
    /// </summary>
    /// <param name="units">The units; one that is stored already is found, not doubled.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<Guid>> AddAsync(IReadOnlyList<DeclaredContent> units, CancellationToken cancellationToken);

    /// <summary>
    /// Removes units; those that it doesn't hold are no error. What a unit that stays refers to comes back before the version is
    /// complete.
    /// </summary>
    /// <param name="units">Their ids.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task RemoveAsync(IReadOnlyCollection<Guid> units, CancellationToken cancellationToken);

    /// <summary>
    /// Removes units, and with them whatever only they referred to, directly or through others: what a unit that stays refers to
    /// stays.
    /// </summary>
    /// <param name="units">Their ids.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task RemoveWithReferencesAsync(IReadOnlyCollection<Guid> units, CancellationToken cancellationToken);

    /// <summary>The units of one kind that it holds so far, in the order of their ids.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="where">A condition on the kind's own columns, under the alias <c>d</c>; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<T> ContentAsync<T>(SqlText? where, CancellationToken cancellationToken)
        where T : Content;
}
