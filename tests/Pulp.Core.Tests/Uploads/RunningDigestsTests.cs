using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Uploads;

namespace Pulp.Core.Tests.Uploads;

public sealed class RunningDigestsTests
{
    private static readonly Guid Upload = Guid.NewGuid();
    private readonly RunningDigests _running = new(new PulpSettings(), TimeProvider.System);

    [Test]
    public void Those_that_were_put_last_count()
    {
        Put(Digests([1]));
        Put(Digests([2]));

        using var taken = _running.Take(Upload, size: 1);

        Assert.That(taken?.Finish().Sha256, Is.EqualTo(Digests([2]).Finish().Sha256));
    }

    [Test]
    public void Where_they_are_not_known_any_more_there_are_none()
    {
        Put(Digests([1]));
        Put(null);

        Assert.That(_running.Take(Upload, size: 1), Is.Null);
    }

    private void Put(DigestSet? digests) => _running.Put(Upload, size: 1, digests, DateTimeOffset.MaxValue);

    private static DigestSet Digests(byte[] bytes)
    {
        var digests = new DigestSet(["sha256"]);
        digests.Append(bytes);
        return digests;
    }
}
