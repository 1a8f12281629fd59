using Pulp.Core.Guards;

namespace Pulp.Core.Serving;

/// <summary>What happens once a request's distribution is known: the guard is asked, the answer found, and sent.</summary>
internal sealed class Delivery(
    ContentGuards guards,
    AnswerFinder finder,
    AnswerSender sender,
    RememberedAnswers remembered
)
{
    /// <summary>How often a place is looked up whose file is gone when it is opened.</summary>
    private const int Attempts = 3;

    /// <summary>False when the file was removed between finding and opening it: there may be another answer now.</summary>
    public async ValueTask<bool> TryAsync(HttpContext context, ServedDistribution distribution, string path, int rest)
    {
        if (
            distribution.State.ContentGuardId is not null
            && await guards.RefusalAsync(context, distribution.State.Guard, distribution.State.PulpDomainId)
                is { } refusal
        )
        {
            await context.RefuseAsync(new ForbiddenException(refusal));
            return true;
        }

        var found = await finder.FindAsync(context, distribution, path, rest);
        if (await sender.SendAsync(context, found))
        {
            return true;
        }

        remembered.Forget(distribution, found.Key ?? path[rest..]);
        return false;
    }

    /// <exception cref="LostFileException">It was the last attempt.</exception>
    public static void ThrowIfLast(int attempt, string path)
    {
        if (attempt == Attempts)
        {
            throw new LostFileException($"{path} was removed each time when its place had been found.");
        }
    }
}
