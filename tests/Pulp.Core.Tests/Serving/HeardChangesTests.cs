using NUnit.Framework;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Serving;

namespace Pulp.Core.Tests.Serving;

/// <summary>When a part of what is served is read, and when all of it.</summary>
public sealed class HeardChangesTests
{
    private readonly Clock _clock = new();
    private HeardChanges _heard = null!; // Made before each test.

    [SetUp]
    public void SetUp() => _heard = new HeardChanges(_clock);

    [Test]
    public void What_was_heard_of_is_taken_once_and_the_first_is_everything()
    {
        var change = new ServingChange("", Guid.NewGuid());
        var first = _heard.Take();
        _heard.Add(change);

        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo(new[] { ServingChange.Unknown }));
            Assert.That(_heard.Take(), Is.EqualTo(new[] { change }));
            Assert.That(_heard.Take(), Is.Empty);
        });
    }

    [Test]
    public void A_change_that_is_never_heard_of_has_everything_read()
    {
        var atOnce = _heard.Explain(counted: 11, heard: 10);
        _clock.Now += TimeSpan.FromSeconds(0.9);
        var soon = _heard.Explain(counted: 13, heard: 12);
        _clock.Now += TimeSpan.FromSeconds(0.9);
        var late = _heard.Explain(counted: 15, heard: 14);

        Assert.Multiple(() =>
        {
            Assert.That(atOnce, Is.True, "it may be said in a moment");
            Assert.That(soon, Is.True);
            Assert.That(late, Is.False, "also while others come and are heard of");
            Assert.That(_heard.Explain(counted: 16, heard: 15), Is.True, "everything was read: it is waited for anew");
        });
    }

    [Test]
    public void That_there_often_is_one_that_is_still_to_be_heard_of_has_nothing_read()
    {
        var explained = new List<bool>();
        for (var heard = 10; heard < 20; heard++)
        {
            explained.Add(_heard.Explain(counted: heard + 1, heard));
            explained.Add(_heard.Explain(counted: heard + 1, heard + 1));
            _clock.Now += TimeSpan.FromSeconds(0.9);
        }

        Assert.That(explained, Is.All.True);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
