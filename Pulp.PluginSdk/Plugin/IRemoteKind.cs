using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of remote.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IRemoteKind<T> : IKind<T, IRemoteKind<T>>
    where T : Remote
{
    /// <summary>How requests to the upstreams are authorized: in syncs, for files on demand and for what is passed on.</summary>
    /// <typeparam name="TAuthorization">Made for each remote as it is configured.</typeparam>
    IRemoteKind<T> AuthorizedBy<TAuthorization>()
        where TAuthorization : UpstreamAuthorization;
}
