using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of distribution.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IDistributionKind<T> : IKind<T, IDistributionKind<T>>
    where T : Distribution
{
    /// <summary>
    /// What it serves; repository versions where nothing is said. With both, a publication where there is one, else the version.
    /// </summary>
    /// <param name="served">Versions, publications or both.</param>
    /// <exception cref="InvalidOperationException">
    /// It is to serve publications, and its record doesn't derive from <see cref="PublishedDistribution"/>.
    /// </exception>
    IDistributionKind<T> Serves(Served served);

    /// <summary>It answers some requests itself.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    IDistributionKind<T> AnsweredBy<THandler>()
        where THandler : ContentHandler;

    /// <summary>
    /// Distributions of another kind may have base paths below those of this one, which otherwise none may have. A request is for the one
    /// with the longest base path.
    /// </summary>
    /// <typeparam name="TOther">The other kind.</typeparam>
    IDistributionKind<T> Above<TOther>()
        where TOther : Distribution;

    /// <summary>What the member <c>base_url</c> says, where it isn't the base path below the content application.</summary>
    /// <param name="url">Makes it of the distribution and of where clients reach the server.</param>
    /// <param name="member">The member, where clients of the kind know it by another name.</param>
    IDistributionKind<T> BaseUrl(Func<T, ServerAddress, string> url, string member = "base_url");
}
