using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Serving;

/// <summary>The domain that a request or task is in; a service of both. On a server whose addresses name no domains it is the default one.</summary>
[Experimental(Unsettled.Domains)]
public interface IRequestDomain
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>The path that clients know a base path of the domain by: behind the domain's name where addresses name domains.</summary>
    /// <param name="basePath">The base path.</param>
    string PathOf(string basePath);

    /// <summary>The base path that a client's path means in the domain: the path itself, or what follows the domain's name.</summary>
    /// <param name="path">A path without a slash at its beginning.</param>
    string BasePathOf(string path);

    /// <summary>
    /// Goes on in the domain that a path begins with, for requests whose address doesn't name it, such as those for tokens.
    /// </summary>
    /// <param name="path">A path without a slash at its beginning; the default domain's needn't name it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask EnterAsync(string path, CancellationToken cancellationToken);
}
