using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Asks handlers, and remembers what they say as far as they want that.</summary>
internal sealed class HandlerAnswers(
    ServedDistributions distributions,
    RememberedAnswers remembered,
    DomainDirectory domains,
    IServiceScopeFactory scopes
)
{
    /// <summary>The handler's answer to a path; null for the default.</summary>
    public ValueTask<ContentAnswer?> AskAsync(HttpContext context, ServedDistribution distribution, string below)
    {
        // Whatever stands in a query may count: the answer belongs to this one request.
        var mayRemember = !context.Request.QueryString.HasValue;
        return mayRemember && Known(distribution, below, context.Request.Headers) is { } known
            ? ValueTask.FromResult<ContentAnswer?>(known)
            : AskAsync(context, distribution, below, mayRemember);
    }

    private async ValueTask<ContentAnswer?> AskAsync(
        HttpContext context,
        ServedDistribution distribution,
        string below,
        bool mayRemember
    )
    {
        if (
            distribution.Handler is not { } type
            || await distributions.ViewAsync(distribution, context.RequestAborted) is not { } view
        )
        {
            return null;
        }

        var request = new ContentRequest
        {
            Served = view,
            Path = below.TrimStart('/'),
            Headers = context.Request.Headers,
            Query = mayRemember ? QueryCollection.Empty : context.Request.Query,
        };
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestOrigin>().Value = await OriginAsync(distribution, context);
        var answer = await ((ContentHandler)scope.ServiceProvider.GetRequiredService(type)).AnswerAsync(
            request,
            context.RequestAborted
        );
        if (mayRemember && answer is { Remember: Remember.WhileServed } and not ContentAnswer.Upstream)
        {
            Keep(distribution, below, context.Request.Headers, answer);
        }

        return answer;
    }

    /// <summary>Nobody's, in the domain of the distribution.</summary>
    private async ValueTask<TaskOrigin> OriginAsync(ServedDistribution distribution, HttpContext context) =>
        TaskOrigin.Server.In(
            await domains.FindAsync(distribution.State.PulpDomainId, context.RequestAborted) ?? domains.Default
        );

    private ContentAnswer? Known(ServedDistribution distribution, string below, IHeaderDictionary headers)
    {
        var found = remembered.Find(distribution, below);
        if (found is RememberedVariants variants)
        {
            found = remembered.Find(distribution, MemoryKeys.Variant(below, variants.Headers, headers));
        }

        return (found as RememberedDecision)?.Answer;
    }

    private void Keep(ServedDistribution distribution, string below, IHeaderDictionary headers, ContentAnswer answer)
    {
        var before = (remembered.Find(distribution, below) as RememberedVariants)?.Headers ?? [];
        string[] names = [.. before.Union(answer.VariesBy, StringComparer.OrdinalIgnoreCase)];
        if (names.Length > before.Count)
        {
            // What was remembered with fewer headers in its key isn't found any more, and goes with time.
            remembered.Forget(distribution, below);
            remembered.Keep(distribution, below, new RememberedVariants(names));
        }

        var key = names.Length == 0 ? below : MemoryKeys.Variant(below, names, headers);
        remembered.Keep(distribution, key, new RememberedDecision(answer));
    }
}
