using System.Globalization;
using Pulp.PluginSdk.Errors;

namespace PulpContainer.Upstreams;

/// <summary>
/// How many manifests a registry still gives, as its answers say: <c>RateLimit-Remaining: 98;w=21600</c>, as Docker Hub writes it, or with
/// <c>RateLimit-Reset</c> beside it. Whoever has none left asks no more, rather than be refused again and again.
/// </summary>
/// <param name="longestWait">A pause that is worth waiting for.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class RequestAllowance(TimeSpan longestWait, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private DateTimeOffset? _usedUpUntil;

    /// <summary>Waits where there are none left for a moment.</summary>
    /// <exception cref="UpstreamException">There are none left for longer.</exception>
    public async ValueTask TakeAsync(string registry, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            wait = (_usedUpUntil ?? DateTimeOffset.MinValue) - clock.GetUtcNow();
        }

        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        if (wait > longestWait)
        {
            throw new UpstreamException(
                $"{registry} gives no more manifests for {Math.Ceiling(wait.TotalMinutes)} minutes: its rate limit is used up. "
                    + "What was fetched stays, and the next sync goes on from there."
            )
            {
                UpstreamStatus = 429,
            };
        }

        await Task.Delay(wait, clock, cancellationToken);
    }

    /// <summary>Notes what an answer says.</summary>
    public void Note(IReadOnlyDictionary<string, string> headers)
    {
        if (!headers.TryGetValue("RateLimit-Remaining", out var remaining))
        {
            return;
        }

        var parts = remaining.Split(';', StringSplitOptions.TrimEntries);
        if (!long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            return;
        }

        var seconds =
            Seconds(headers.GetValueOrDefault("RateLimit-Reset"))
            ?? Seconds(Array.Find(parts, p => p.StartsWith("w=", StringComparison.Ordinal))?[2..])
            ?? 60;
        lock (_lock)
        {
            _usedUpUntil = left > 0 ? null : clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        }
    }

    private static double? Seconds(string? text) =>
        long.TryParse(text?.Split(';')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? Math.Min(seconds, 7 * 24 * 60 * 60)
            : null;
}
