using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of content.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IContentKind<T> : IKind<T, IContentKind<T>>
    where T : Content
{
    /// <summary>
    /// The unit is made of exactly one file: the API takes uploads for it, as a task and synchronously.
    /// </summary>
    /// <param name="complete">Fills in what the file tells.</param>
    /// <param name="relativePath">Where the file is found below a distribution's base path.</param>
    IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath);
}
