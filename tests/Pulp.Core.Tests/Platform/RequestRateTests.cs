using NUnit.Framework;
using Pulp.Core.Platform.Downloads;

namespace Pulp.Core.Tests.Platform;

/// <summary>What a remote's <c>rate_limit</c> does to its requests.</summary>
public sealed class RequestRateTests
{
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(50)]
    public async Task No_second_sees_more_requests_than_allowed(long perSecond)
    {
        var clock = new SkippingClock();
        var rate = new RequestRate(perSecond, clock);
        var sent = new List<TimeSpan>();
        for (var i = 0; i < 4 * perSecond; i++)
        {
            await rate.WaitAsync(CancellationToken.None);
            sent.Add(clock.Now);
            // A burst, a pause, and a burst again: the pause saves nothing up.
            clock.Now += i == perSecond ? TimeSpan.FromSeconds(10) : TimeSpan.Zero;
        }

        Assert.That(
            sent.Select(from => sent.Count(s => s >= from && s < from + TimeSpan.FromSeconds(1))),
            Is.All.LessThanOrEqualTo(perSecond)
        );
    }

    [TestCase(null)]
    [TestCase(0L)]
    public async Task Without_a_limit_nobody_waits(long? perSecond)
    {
        var clock = new SkippingClock();
        var rate = new RequestRate(perSecond, clock);
        for (var i = 0; i < 100; i++)
        {
            await rate.WaitAsync(CancellationToken.None);
        }

        Assert.That(clock.Now, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task Who_gives_up_waiting_is_told_so()
    {
        var rate = new RequestRate(1, TimeProvider.System);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await rate.WaitAsync(canceled.Token);
            await rate.WaitAsync(canceled.Token);
        });
    }

    /// <summary>Where somebody waits, the time is over at once.</summary>
    private sealed class SkippingClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Now += dueTime;
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
