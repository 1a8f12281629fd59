namespace Pulp.Core.Platform.Downloads;

/// <summary>Spaces requests evenly, so that no second sees more than allowed.</summary>
internal sealed class RequestRate(long? perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _next = clock.GetTimestamp();

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (perSecond is not > 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var slot = Math.Max(_next, now);
            _next = slot + ((clock.TimestampFrequency + perSecond.Value - 1) / perSecond.Value);
            wait = clock.GetElapsedTime(now, slot);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
    }
}
