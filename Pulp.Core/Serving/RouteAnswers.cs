using Pulp.Core.Guards;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Sends answers from plugins' routes, through the same steps as those of the content application.</summary>
internal sealed class RouteAnswers(
    ContentGuards guards,
    PluginAnswers answers,
    AnswerSender sender,
    RememberedAnswers remembered
) : IAnswers
{
    public async Task SendAsync(
        HttpContext context,
        IServedDistribution served,
        ContentAnswer answer,
        CancellationToken cancellationToken
    )
    {
        var distribution = ((DistributionView)served).Served;
        var path = context.Request.Path.Value ?? "";
        if (
            !answer.IsUnguarded
            && distribution.State.ContentGuardId is not null
            && await guards.RefusalAsync(context, distribution.State.Guard, distribution.State.PulpDomainId)
                is { } refusal
        )
        {
            throw new ForbiddenException(refusal);
        }

        for (var attempt = 1; ; attempt++)
        {
            var found = await answers.FindAsync(distribution, answer, path, cancellationToken);
            if (await sender.SendAsync(context, found))
            {
                return;
            }

            remembered.Forget(distribution, found.Key ?? path);
            Delivery.ThrowIfLast(attempt, path);
        }
    }
}
