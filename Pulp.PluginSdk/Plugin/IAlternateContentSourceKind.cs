using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of alternate content source.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IAlternateContentSourceKind<T> : IKind<T, IAlternateContentSourceKind<T>>
    where T : AlternateContentSource;
