using System.Net.Http.Headers;
using System.Text;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Upstreams;

/// <summary>
/// How requests to the upstreams of a kind of remote are authorized where name and password don't do, such as by tokens. It is
/// asked in syncs, for files on demand and for what is passed on. One instance serves one remote as it is configured, so that it
/// may keep what it got; it is asked from several threads at once, and made by dependency injection.
/// </summary>
public abstract class UpstreamAuthorization
{
    /// <summary>
    /// The <c>Authorization</c> header of a request; null for the remote's own name and password. It is asked before each request, and
    /// once more for one that was answered with 401: with an answer then, the request is sent again.
    /// </summary>
    /// <param name="attempt">The request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        UpstreamAttempt attempt,
        CancellationToken cancellationToken
    );

    /// <summary>Name and password of a remote as a header; null when it has none.</summary>
    /// <param name="remote">The remote.</param>
    protected static AuthenticationHeaderValue? Basic(Remote remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        return remote.Username is { } name
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{remote.Password}")))
            : null;
    }
}

/// <summary>A request that is to be authorized.</summary>
public abstract class UpstreamAttempt
{
    private protected UpstreamAttempt() { }

    /// <summary>The remote.</summary>
    public required Remote Remote { get; init; }

    /// <summary>Where the request goes: the remote's host, or another that its metadata named.</summary>
    public required Uri Url { get; init; }

    /// <summary>Its method.</summary>
    public required string Method { get; init; }

    /// <summary>What the upstream asked for with its 401 (<c>WWW-Authenticate</c>); empty before it did.</summary>
    public IReadOnlyList<AuthenticationHeaderValue> Challenges { get; init; } = [];

    /// <summary>
    /// Asks for something that the authorization is made from, such as a token. It is sent with the remote's TLS, proxy and rate, and
    /// with no credentials but those that its headers give.
    /// </summary>
    /// <param name="request">The request; its answer says success, or it fails.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The body as text, at most 1 MiB.</returns>
    /// <exception cref="Errors.UpstreamException">It could not be had.</exception>
    public abstract Task<string> GetTextAsync(UpstreamRequest request, CancellationToken cancellationToken);
}
