using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Access;

/// <summary>
/// Who asks, and what may be done. A service of the request: actions find it among their services, a route's handler asks for it.
/// </summary>
public interface IAccess
{
    /// <summary>Who signed in with this request; null for nobody, and in tasks.</summary>
    Caller? Current { get; }

    /// <summary>
    /// Checks a name and a password that came in a form of the plugin's own. Guesses are limited as for every sign-in.
    /// </summary>
    /// <param name="name">Of the account.</param>
    /// <param name="password">The password.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where they don't fit, or the account isn't active.</returns>
    /// <exception cref="Errors.PulpException">Too many guesses, or too many waiting: 429, nothing was checked.</exception>
    Task<Caller?> SignInAsync(string name, string password, CancellationToken cancellationToken);

    /// <summary>
    /// An active account by its name, for credentials of the plugin's own that were checked already, such as a token that it signed.
    /// </summary>
    /// <param name="name">Of the account.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where there is no such account, or it isn't active.</returns>
    Task<Caller?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whether somebody holds a permission: everywhere or in the domain, or on one resource.</summary>
    /// <param name="caller">Who; nobody holds nothing.</param>
    /// <param name="permission">In full: <c>file.view_filerepository</c>.</param>
    /// <param name="on">The resource; null for all of them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<bool> HoldsAsync(
        Caller? caller,
        string permission,
        PulpResource? on,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether the policy in force of a resource's kind lets somebody do something to it. For actions of the kind's own
    /// (<see cref="AccessPolicy.OtherActions"/>): so an administrator who writes the policy anew is obeyed.
    /// </summary>
    /// <param name="caller">Who; null for nobody.</param>
    /// <param name="action">As statements name it: <c>push</c>.</param>
    /// <param name="on">The resource.</param>
    /// <param name="isSafe">Whether nothing is changed by it. Anything else is refused to tokens that may only read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<bool> MayAsync(
        Caller? caller,
        string action,
        PulpResource on,
        bool isSafe,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether a policy that the plugin declared by <see cref="Plugin.IPluginBuilder.Policy"/> lets somebody do something to a resource.
    /// </summary>
    /// <param name="caller">Who; null for nobody.</param>
    /// <param name="policy">The policy's name.</param>
    /// <param name="action">As its statements name it: <c>retrieve</c>.</param>
    /// <param name="on">The resource, which conditions look at.</param>
    /// <param name="isSafe">Whether nothing is changed by it. Anything else is refused to tokens that may only read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    [Experimental(Unsettled.Conditions)]
    ValueTask<bool> MayAsync(
        Caller? caller,
        string policy,
        string action,
        PulpResource on,
        bool isSafe,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether the policy in force of a kind lets somebody do something that is done to no single resource: <c>catalog</c>.
    /// </summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="caller">Who; null for nobody.</param>
    /// <param name="action">As statements name it.</param>
    /// <param name="isSafe">Whether nothing is changed by it. Anything else is refused to tokens that may only read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="InvalidOperationException">The record isn't declared as a kind.</exception>
    ValueTask<bool> MayAsync<T>(Caller? caller, string action, bool isSafe, CancellationToken cancellationToken)
        where T : PulpResource;

    /// <summary>
    /// Whether the policy in force of a kind lets somebody create a resource, as the API would be asked to: conditions see its fields as
    /// the members of the request, also what it refers to, such as a repository.
    /// </summary>
    /// <param name="caller">Who; null for nobody.</param>
    /// <param name="wanted">What it would be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<bool> MayCreateAsync(Caller? caller, PulpResource wanted, CancellationToken cancellationToken);

    /// <summary>
    /// The resources of a kind on which somebody holds a permission, as a select of their ids in parentheses:
    /// <c>where r.pulp_id in {await access.VisibleAsync&lt;FileRepository&gt;(caller, "file.view_filerepository", token)}</c>.
    /// </summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="caller">Who; nobody sees none.</param>
    /// <param name="permission">In full.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="InvalidOperationException">The record isn't declared as a kind.</exception>
    ValueTask<SqlText> VisibleAsync<T>(Caller? caller, string permission, CancellationToken cancellationToken)
        where T : PulpResource;
}
