using PulpContainer.PullThrough;

namespace PulpContainer.Tests.PullThrough;

/// <summary>Lists are remembered for a moment, within a bound.</summary>
public sealed class PullMemoryTests
{
    [Test]
    public void A_list_is_remembered_for_a_moment()
    {
        var clock = new MovableClock();
        using var memory = new PullMemory(clock);
        var id = Guid.NewGuid();

        memory.Listed(id, "tags", ["1"], tag => tag.Length);
        var known = memory.ListOf<string>(id, "tags");
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.That(known, Is.EqualTo(["1"]));
        Assert.That(memory.ListOf<string>(id, "tags"), Is.Null);
    }

    [Test]
    public void Lists_that_take_much_are_not_all_kept()
    {
        using var memory = new PullMemory(TimeProvider.System);
        var ids = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).ToList();

        // Each says that it is 2 MB of text.
        foreach (var id in ids)
        {
            memory.Listed(id, "referrers", ["x"], _ => 1024 * 1024);
        }

        var kept = ids.Count(id => memory.ListOf<string>(id, "referrers") is not null);
        Assert.That(kept, Is.InRange(1, 16));
    }
}
