using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Resources;

/// <summary>
/// Resources of all kinds within the reach of whoever the request or task belongs to. Whether the caller may is the plugin's to ask.
/// </summary>
public interface IResources
{
    /// <summary>A resource by its id; null when there is none within reach.</summary>
    /// <typeparam name="T">Its record, or the base record of its family where the kind isn't known.</typeparam>
    /// <param name="id">The id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<T?> FindAsync<T>(Guid id, CancellationToken cancellationToken)
        where T : PulpResource;

    /// <summary>The resources of a kind for which a condition holds, in the order of their ids.</summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="where">
    /// The condition on their rows, whose tables are <c>m</c> (the family's) and <c>d</c> (the plugin's): <c>m.name = {name}</c>.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<T>> FindAsync<T>(SqlText where, CancellationToken cancellationToken)
        where T : PulpResource;

    /// <summary>
    /// Creates a resource as the API does: with its fields' rules, the kind's, and what follows from them, such as a repository's first
    /// version. Content and publications aren't made like this; a distribution is, in a request but not in a task, because changes to
    /// distributions are one at a time.
    /// </summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="resource">What it is to be; moments are given to it, and an id where it has none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The resource as it is stored.</returns>
    /// <exception cref="Errors.ValidationException">It breaks a rule, such as a name that is taken.</exception>
    Task<T> CreateAsync<T>(T resource, CancellationToken cancellationToken)
        where T : PulpResource;

    /// <summary>
    /// Creates several resources in order, as <see cref="CreateAsync"/> does one. A later one may refer to an earlier one by the id that
    /// the plugin gave it: <c>PulpId = Guid.CreateVersion7()</c>. They are created in one transaction, unless a task changes
    /// distributions at that moment and one of them is a distribution: then each by itself, so that of those that are stored already
    /// some stay when another can't be.
    /// </summary>
    /// <param name="resources">What they are to be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.ValidationException">One breaks a rule, such as a name that is taken.</exception>
    Task CreateAllAsync(IReadOnlyList<PulpResource> resources, CancellationToken cancellationToken);
}
