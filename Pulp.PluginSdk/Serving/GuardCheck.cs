using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Serving;

/// <summary>
/// Says for one kind of content guard who may have what lies behind it. One instance serves all requests, and it is asked for each
/// of them, before anything is looked up: it answers from memory wherever it can.
/// </summary>
/// <typeparam name="TGuard">The guard's record.</typeparam>
public abstract class GuardCheck<TGuard>
    where TGuard : ContentGuard
{
    /// <summary>
    /// Decides. What it throws is answered as an error, and nothing is served: a <see cref="Errors.PulpException"/> with its status,
    /// anything else as a 500 without detail.
    /// </summary>
    /// <param name="guard">The guard as it is configured; the same instance as long as it isn't changed.</param>
    /// <param name="request">What is asked, and by whom.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public abstract ValueTask<GuardAnswer> AskAsync(
        TGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    );
}

/// <summary>A guard's decision.</summary>
public readonly record struct GuardAnswer
{
    private GuardAnswer(string? refusal) => Refusal = refusal;

    /// <summary>The request is let in.</summary>
    public static GuardAnswer Permitted { get; }

    /// <summary>Why it isn't, in a sentence for the client; null where it is.</summary>
    public string? Refusal { get; }

    /// <summary>The request isn't let in: 403.</summary>
    /// <param name="reason">A sentence for the client, which tells nothing of what is behind the guard.</param>
    public static GuardAnswer Refused(string reason) => new(reason);
}

/// <summary>A request for something behind a guard.</summary>
public abstract class GuardedRequest
{
    private protected GuardedRequest() { }

    /// <summary>The path below the content application, or the whole path of a plugin's route: decoded, without a leading slash.</summary>
    public abstract string Path { get; }

    /// <summary>The whole path of the URL, decoded.</summary>
    public abstract string FullPath { get; }

    /// <summary>The headers, as the client or a proxy sent them.</summary>
    public abstract IHeaderDictionary Headers { get; }

    /// <summary>What follows the question mark.</summary>
    public abstract IQueryCollection Query { get; }

    /// <summary>The same as it was sent, with the question mark; empty where there is none.</summary>
    public abstract string QueryString { get; }

    /// <summary>Whether the one who sent it here is a trusted proxy, so that headers may be believed that only a proxy can know of.</summary>
    public abstract bool IsFromTrustedProxy { get; }

    /// <summary>Who signed in with it, in one of the ways in which one does to the API; null for nobody, and for wrong credentials.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.PulpException">Too many wrong guesses: 429, nothing was checked.</exception>
    public abstract ValueTask<Caller?> CallerAsync(CancellationToken cancellationToken);

    /// <summary>Whether who signed in with it holds a permission: everywhere, or on one resource.</summary>
    /// <param name="permission">In full: <c>file.view_filerepository</c>.</param>
    /// <param name="on">The resource, such as the guard; null for everywhere.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ValueTask<bool> HoldsAsync(
        string permission,
        PulpResource? on,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether the policy in force of a resource's kind lets who signed in with it, or nobody, do something to it that changes nothing:
    /// one of the kind's <see cref="AccessPolicy.OtherActions"/>.
    /// </summary>
    /// <param name="action">As statements name it: <c>download</c>.</param>
    /// <param name="on">The resource, such as the guard.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ValueTask<bool> MayAsync(string action, PulpResource on, CancellationToken cancellationToken);
}
