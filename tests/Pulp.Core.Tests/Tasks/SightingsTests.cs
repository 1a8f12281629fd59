using NUnit.Framework;
using Pulp.Core.Tasks;

namespace Pulp.Core.Tests.Tasks;

public sealed class SightingsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Guid _id = Guid.CreateVersion7();
    private ManualClock _clock = new();
    private Sightings _sightings = new(2 * Interval, TimeProvider.System);

    [SetUp]
    public void SetUp()
    {
        _clock = new ManualClock();
        _sightings = new Sightings(2 * Interval, _clock);
    }

    /// <summary>A look after some time; the other has beaten at this moment of its own clock.</summary>
    private bool IsGone(TimeSpan after, int beat)
    {
        _clock.Passed += after;
        var other = new OtherProcess
        {
            PulpId = _id,
            TtlSeconds = 30,
            LastHeartbeat = DateTimeOffset.UnixEpoch.AddSeconds(beat),
        };
        return _sightings.Look([other]).Count > 0;
    }

    [Test]
    public void Who_does_not_beat_for_its_TTL_of_our_looks_is_gone()
    {
        var looks = Enumerable.Range(0, 9).Select(_ => IsGone(Interval, beat: 1)).ToList();

        Assert.That(
            looks.IndexOf(true),
            Is.EqualTo(7),
            "the first look begins, and more than the TTL has passed at the eighth"
        );
    }

    [Test]
    public void Who_beats_lives_whatever_its_clock_says()
    {
        var looks = Enumerable.Range(0, 20).Select(i => IsGone(Interval, beat: -100 * i));

        Assert.That(looks, Has.None.True);
    }

    [Test]
    public void Time_in_which_we_could_not_look_counts_for_nobody()
    {
        IsGone(Interval, beat: 1);

        Assert.Multiple(() =>
        {
            Assert.That(IsGone(TimeSpan.FromHours(1), beat: 1), Is.False);
            Assert.That(IsGone(Interval, beat: 2), Is.False);
        });
    }

    private sealed class ManualClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
