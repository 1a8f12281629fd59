using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Serving;

namespace Pulp.Core.Tests.Serving;

public sealed class RememberedAnswersTests
{
    private const long Limit = 1_000_000;
    private RememberedAnswers _remembered = new(new PulpSettings());

    [SetUp]
    public void Begin() => _remembered = new(new PulpSettings { ContentCacheAnswerBytes = Limit });

    private static ServedDistribution Distribution() => new(new ServedState());

    private static string Absent(int i) => "/" + new string('x', 900) + i;

    [Test]
    public void Answers_stay_within_their_bytes_with_the_paths_in_the_sum()
    {
        var distribution = Distribution();

        for (var i = 0; i < 5_000; i++)
        {
            _remembered.Keep(distribution, Absent(i), ServedAnswer.NotFound.Instance);
        }

        // 500 paths of 1,800 bytes fit: as many as that are still known, and hardly more.
        var known = Enumerable.Range(0, 5_000).Count(i => Knows(distribution, Absent(i)));
        Assert.That(known, Is.InRange(200, 550));
        Assert.That(_remembered.Bytes, Is.InRange(Limit / 3, Limit));
    }

    /// <summary>Looked at without using it.</summary>
    private static bool Knows(ServedDistribution distribution, string path) =>
        distribution.Answers.Young.Answers.ContainsKey(path) || distribution.Answers.Old.Answers.ContainsKey(path);

    [Test]
    public void What_is_used_stays_while_others_come_and_go()
    {
        var distribution = Distribution();
        _remembered.Keep(distribution, "/used", ServedAnswer.NotFound.Instance);
        _remembered.Keep(distribution, "/unused", ServedAnswer.NotFound.Instance);

        for (var i = 0; i < 5_000; i++)
        {
            _remembered.Keep(distribution, Absent(i), ServedAnswer.NotFound.Instance);
            Assert.That(_remembered.Find(distribution, "/used"), Is.Not.Null);
        }

        Assert.That(_remembered.Find(distribution, "/unused"), Is.Null);
    }

    [Test]
    public void A_distribution_whose_state_changed_takes_nothing_any_more()
    {
        var (changed, other) = (Distribution(), Distribution());
        for (var i = 0; i < 400; i++)
        {
            _remembered.Keep(changed, Absent(i), ServedAnswer.NotFound.Instance);
        }

        _remembered.Keep(other, "/a", ServedAnswer.NotFound.Instance);
        _remembered.Forget(changed);
        _remembered.Keep(changed, "/late", ServedAnswer.NotFound.Instance);

        Assert.That(_remembered.Find(changed, "/late"), Is.Null, "a request that still held it");
        Assert.That(_remembered.Find(other, "/a"), Is.Not.Null);
        Assert.That(_remembered.Bytes, Is.LessThan(1_000));
    }

    [Test]
    public void What_is_absurdly_long_is_not_remembered()
    {
        var distribution = Distribution();

        _remembered.Keep(distribution, "/" + new string('x', 3_000), ServedAnswer.NotFound.Instance);
        _remembered.Keep(distribution, "/large/", new ServedAnswer.Listing(new byte[Limit / 2]));

        Assert.That(_remembered.Bytes, Is.Zero);
    }

    [Test]
    public void Forgotten_answers_are_counted_off()
    {
        var distribution = Distribution();
        _remembered.Keep(distribution, "/a", ServedAnswer.NotFound.Instance);

        _remembered.Forget(distribution, "/a");
        _remembered.Forget(distribution, "/a");

        Assert.That(_remembered.Find(distribution, "/a"), Is.Null);
        Assert.That(_remembered.Bytes, Is.Zero);
    }
}
