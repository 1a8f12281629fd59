using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>A guard as it is configured, and who is asked for it. With another configuration there is another of these.</summary>
/// <param name="record">The configuration.</param>
/// <param name="href">The guard's href.</param>
/// <param name="ask">Asks it; null where nobody can be asked.</param>
/// <param name="parts">Guards that it asks in its turn, itself or through others; none of them asks further ones.</param>
internal sealed class ServedGuard(ContentGuard record, string href, AskGuard? ask, IReadOnlyList<ServedGuard> parts)
{
    /// <summary>What is said where nobody can be asked: such a guard lets nobody in.</summary>
    public const string CannotBeAsked = "The content guard of this distribution can't be asked.";

    /// <summary>How many refusals are told: they stand in the status line.</summary>
    private const int MostTold = 20;

    public ContentGuard Record => record;

    public string Href => href;

    public IReadOnlyList<ServedGuard> Parts => parts;

    public ValueTask<GuardAnswer> AskAsync(GuardedRequest request, CancellationToken cancellationToken) =>
        record is CompositeContentGuard ? AskPartsAsync(request, cancellationToken)
        : ask is null ? ValueTask.FromResult(GuardAnswer.Refused(CannotBeAsked))
        : ask(record, request, cancellationToken);

    /// <summary>The first that lets in is enough. One without parts lets nobody in: it is a lock that was never finished.</summary>
    private async ValueTask<GuardAnswer> AskPartsAsync(GuardedRequest request, CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        foreach (var part in parts)
        {
            if ((await AskPartAsync(part, request, cancellationToken)).Refusal is not { } refusal)
            {
                return GuardAnswer.Permitted;
            }

            if (refusals.Count < MostTold)
            {
                var kind = part.Record.GetType().Name;
                refusals.Add(
                    $"\"Guard: '{part.Record.Name}', HREF: '{part.Href}', class: '{kind}', denial: [{refusal}].\""
                );
            }
        }

        return GuardAnswer.Refused($"Access forbidden. Refusals: [{string.Join(", ", refusals)}]");
    }

    /// <summary>What one guard fails with is a refusal where another may let in.</summary>
    private static async ValueTask<GuardAnswer> AskPartAsync(
        ServedGuard part,
        GuardedRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await part.AskAsync(request, cancellationToken);
        }
        catch (PulpException error) when (error.Status < 500)
        {
            return GuardAnswer.Refused(error.Message);
        }
    }
}
