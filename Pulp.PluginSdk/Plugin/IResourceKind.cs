using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>
/// More about a kind of resource of the plugin's own, in a table of its own. It is created, changed and deleted at once, without
/// tasks, as users are.
/// </summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IResourceKind<T> : IKind<T, IResourceKind<T>>
    where T : PulpResource
{
    /// <summary>
    /// Each belongs to a resource of another of the plugin's kinds, and is found below its href: <c>{parent}path/{id}/</c>.
    /// </summary>
    /// <typeparam name="TParent">The parent's kind.</typeparam>
    /// <param name="property">
    /// The property that holds the parent's id: a read-only field with <c>References</c>, which the path fills in.
    /// </param>
    /// <exception cref="InvalidOperationException">There is no such field.</exception>
    IResourceKind<T> Below<TParent>(string property)
        where TParent : PulpResource;

    /// <summary>Deleting one sends a task, and answers 202 with it.</summary>
    IResourceKind<T> DeletedByTasks();
}
