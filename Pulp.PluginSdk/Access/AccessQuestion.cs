using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Access;

/// <summary>What a condition of a plugin's own is asked about: <see cref="Plugin.IPluginBuilder.Condition"/>.</summary>
[Experimental(Unsettled.Conditions)]
public abstract class AccessQuestion
{
    private protected AccessQuestion() { }

    /// <summary>Who asks; null for nobody.</summary>
    public abstract Caller? Caller { get; }

    /// <summary>What stands behind the condition's name and a colon; empty where nothing does.</summary>
    public abstract string Argument { get; }

    /// <summary>The resource that the path names, or below which it is; null where it names none.</summary>
    public abstract Guid? Resource { get; }

    /// <summary>The domain in which it is asked: rows of your own tables in others don't count.</summary>
    public abstract Guid Domain { get; }

    /// <summary>
    /// The resource itself, where who asks has it at hand: a route that asks by <see cref="IAccess"/>. Null where only its id is known, or
    /// it is of another kind.
    /// </summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    public abstract T? AtHand<T>()
        where T : PulpResource;

    /// <summary>Finds more.</summary>
    public abstract IDb Db { get; }

    /// <summary>A member of what was sent, as text; null where it is absent or no text.</summary>
    /// <param name="name">Its name on the wire.</param>
    public abstract string? Member(string name);

    /// <summary>Whether the caller holds a permission for all resources, or for those of the domain.</summary>
    /// <param name="permission">In full: <c>file.view_filerepository</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ValueTask<bool> HoldsAsync(string permission, CancellationToken cancellationToken);

    /// <summary>Whether the caller holds a permission on one resource, by a role given on it.</summary>
    /// <typeparam name="T">The resource's kind.</typeparam>
    /// <param name="permission">In full.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ValueTask<bool> HoldsOnAsync<T>(
        string permission,
        Guid resource,
        CancellationToken cancellationToken
    )
        where T : PulpResource;
}

/// <summary>Makes the condition by which somebody sees some of a kind's resources and not others: <c>Scope</c> of a kind.</summary>
[Experimental(Unsettled.Conditions)]
public interface ISeenResources
{
    /// <summary>Who looks.</summary>
    Caller Caller { get; }

    /// <summary>
    /// The condition that a column names a resource on which a permission is held, everywhere, in the domain or by a role on it:
    /// <c>$"not d.private or {seen.Holds&lt;FileRepository&gt;("file.view_filerepository", "m.repository_id")}"</c>.
    /// </summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="permission">In full.</param>
    /// <param name="column">The column that holds the resource's id, with its alias: a text of the code, never of a request.</param>
    /// <exception cref="InvalidOperationException">The record isn't declared as a kind.</exception>
    SqlText Holds<T>(string permission, [ConstantExpected] string column)
        where T : PulpResource;
}
