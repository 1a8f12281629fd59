namespace Pulp.Core.Serving;

/// <summary>Finds the answer to a path of a distribution: its handler's own, or what is stored there.</summary>
internal sealed class AnswerFinder(
    PathLookup lookup,
    RememberedAnswers remembered,
    ReadAhead readAhead,
    HandlerAnswers handlers,
    PluginAnswers answers
)
{
    /// <param name="context">The request.</param>
    /// <param name="distribution">Whose path it is.</param>
    /// <param name="path">A path.</param>
    /// <param name="rest">Where in it the distribution's base path ends.</param>
    public ValueTask<Found> FindAsync(HttpContext context, ServedDistribution distribution, string path, int rest)
    {
        if (distribution.Handler is not null && rest < path.Length)
        {
            return AskAsync(context, distribution, path[rest..]);
        }

        return remembered.Find(distribution, path.AsSpan(rest)) is ServedAnswer known
            ? ValueTask.FromResult(new Found(known, IsRemembered: true))
            : LookUpAsync(context, distribution, path[rest..], key: path[rest..]);
    }

    private async ValueTask<Found> AskAsync(HttpContext context, ServedDistribution distribution, string below)
    {
        if (await handlers.AskAsync(context, distribution, below) is { } own)
        {
            return await answers.FindAsync(distribution, own, below, context.RequestAborted);
        }

        // What is stored there follows from the state alone, whatever the handler will say the next time.
        var key = MemoryKeys.BehindHandler(below);
        return remembered.Find(distribution, key) is ServedAnswer known
            ? new Found(known, IsRemembered: true) { Key = key }
            : await LookUpAsync(context, distribution, below, key);
    }

    private async ValueTask<Found> LookUpAsync(
        HttpContext context,
        ServedDistribution distribution,
        string below,
        string key
    )
    {
        // The path begins with the slash behind the base path; only a directory's ends with one.
        var path = below is "" or "/" ? below : below[1..];
        var answer = await lookup.FindAsync(distribution.State, path, context.RequestAborted);
        if (answer is ServedAnswer.File && distribution.Handler is null)
        {
            readAhead.LookedUp(distribution);
        }

        if (answer is not ServedAnswer.OnDemand)
        {
            remembered.Keep(distribution, key, answer);
        }

        return new Found(answer, IsRemembered: false) { Key = key };
    }
}
