using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Upstreams;

/// <summary>Upstreams outside a sync: for requests that pass something on, and for tasks of a plugin's own.</summary>
public interface IUpstreams
{
    /// <summary>
    /// The upstream of a remote. All that use it in this process share its connections and keep to its limits together; one that
    /// asks to be left alone for more than ten seconds has failed.
    /// </summary>
    /// <param name="remote">The remote.</param>
    IUpstream For(Remote remote);
}

/// <summary>One upstream.</summary>
public interface IUpstream
{
    /// <summary>Sends a request. The body is received whole before the answer is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.UpstreamException">
    /// It couldn't be reached, or answered with a status that is no answer here, or with more bytes than are expected at most.
    /// </exception>
    /// <exception cref="Errors.DigestException">The body isn't what was expected.</exception>
    Task<UpstreamAnswer> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken);
}
