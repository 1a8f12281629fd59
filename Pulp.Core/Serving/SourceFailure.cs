using System.Collections.Concurrent;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>Why a source didn't give a file, as the status that a client gets when no other does.</summary>
internal sealed record SourceFailure(int Status, string Reason, TimeSpan? RetryAfter)
{
    public static SourceFailure Of(Exception error) =>
        error switch
        {
            UpstreamException { UpstreamStatus: 404 or 410 } => new(404, error.Message, null),
            UpstreamException { InnerException: TransientDownloadException transient } => new(
                transient switch
                {
                    { TimedOut: true } => 504,
                    { Status: 429 or 503 } => 503,
                    _ => 502,
                },
                error.Message,
                transient.RetryAfter
            ),
            _ => new(502, error.Message, null),
        };
}

/// <summary>No source gave the file. "Not found" only when all of them say that they don't have it.</summary>
internal sealed class NoSourceException(IReadOnlyCollection<SourceFailure> failures)
    : PulpException(
        failures.Count == 0 ? "No source of the file is known." : string.Join(" ", failures.Select(f => f.Reason))
    )
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(10);

    public override string Code => "PLP0504";

    /// <summary>The most hopeful of the sources' failures.</summary>
    public override int Status { get; } =
        new[] { 503, 504, 502 }.FirstOrDefault(s => failures.Any(f => f.Status == s), 404);

    public override TimeSpan? RetryAfter =>
        Status == 404 ? null : failures.Where(f => f.Status != 404).Min(f => f.RetryAfter ?? SoonAgain);
}

/// <summary>
/// Sources that said that they don't have a file: they are left alone for a while. Whatever may pass sooner isn't remembered.
/// </summary>
internal sealed class RefusedSources(PulpSettings settings, TimeProvider clock)
{
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<(Guid Source, string Url), Refusal> _refusals = new();

    public void Remember(Guid source, string url, SourceFailure failure)
    {
        if (_refusals.Count >= Most)
        {
            // Costs each of them a question more.
            _refusals.Clear();
        }

        var until = clock.GetUtcNow().AddSeconds(settings.RemoteContentFetchFailureCooldown);
        _refusals[(source, url)] = new Refusal(until, failure);
    }

    public SourceFailure? Find(Guid source, string url)
    {
        if (!_refusals.TryGetValue((source, url), out var refusal))
        {
            return null;
        }

        if (refusal.Until > clock.GetUtcNow())
        {
            return refusal.Failure;
        }

        _refusals.TryRemove((source, url), out _);
        return null;
    }

    private sealed record Refusal(DateTimeOffset Until, SourceFailure Failure);
}
