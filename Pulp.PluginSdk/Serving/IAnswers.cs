using Microsoft.AspNetCore.Http;

namespace Pulp.PluginSdk.Serving;

/// <summary>Sends answers from a plugin's own routes as the content application does.</summary>
public interface IAnswers
{
    /// <summary>
    /// Asks the distribution's guard and sends the answer: with ranges, conditions, entity tags, the kernel's help for large files,
    /// files fetched on demand, and lost files fetched again. Whoever calls it sends nothing else.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="served">The distribution it is answered for.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="Errors.ForbiddenException">The guard refuses.</exception>
    /// <exception cref="Errors.PulpException">The file can't be had: the route's error body tells the client.</exception>
    Task SendAsync(
        HttpContext context,
        IServedDistribution served,
        ContentAnswer answer,
        CancellationToken cancellationToken
    );
}
