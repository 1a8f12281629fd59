using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of remote.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IRemoteKind<T> : IKind<T, IRemoteKind<T>>
    where T : Remote;
