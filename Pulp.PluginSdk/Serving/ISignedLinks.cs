namespace Pulp.PluginSdk.Serving;

/// <summary>
/// Signs links that a <c>content_redirect</c> guard takes, for routes that check by a protocol of their own who may have something and
/// then send the client to where it is served. A service; the links are those of Pulp (<c>pulpcore.app.models.ContentRedirectContentGuard</c>).
/// </summary>
public interface ISignedLinks
{
    /// <summary>Signs a link to one path. Whoever has the link gets in, until it ends.</summary>
    /// <param name="guard">The <c>content_redirect</c> guard, mostly a distribution's.</param>
    /// <param name="path">The path as the server is asked for it, decoded: <c>/pulp/content/base/file name</c>.</param>
    /// <param name="lifetime">For how long; at least a second, at most seven days.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Path and query, escaped.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such guard, or it is of another kind.</exception>
    /// <exception cref="ArgumentException">The path doesn't begin with a slash.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is shorter or longer.</exception>
    Task<string> SignAsync(Guid guard, string path, TimeSpan lifetime, CancellationToken cancellationToken);
}
