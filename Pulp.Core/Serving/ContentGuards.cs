namespace Pulp.Core.Serving;

/// <summary>Asks a distribution's guard whether a request may have what is below it.</summary>
internal sealed class ContentGuards
{
    /// <exception cref="ForbiddenException">It refuses.</exception>
    public ValueTask AdmitAsync(ServedDistribution distribution) =>
        distribution.State.ContentGuardId is null
            ? ValueTask.CompletedTask
            // A guard that nobody here can ask lets nobody in.
            : throw new ForbiddenException("The content guard of this distribution can't be asked.");
}
