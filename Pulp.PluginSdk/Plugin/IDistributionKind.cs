using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of distribution.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IDistributionKind<T> : IKind<T, IDistributionKind<T>>
    where T : Distribution
{
    /// <summary>It serves publications: of a repository or version, the newest publication there is.</summary>
    IDistributionKind<T> ServesPublications();

    /// <summary>It answers some requests itself.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    IDistributionKind<T> AnsweredBy<THandler>()
        where THandler : class, IContentHandler;
}
