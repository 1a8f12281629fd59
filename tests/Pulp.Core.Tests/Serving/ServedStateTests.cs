using NUnit.Framework;
using Pulp.Core.Serving;

namespace Pulp.Core.Tests.Serving;

/// <summary>When what a distribution's own record says can be kept, and when it has to be read anew.</summary>
public sealed class ServedStateTests
{
    private static readonly ServedState Pushed = new()
    {
        PulpId = Guid.NewGuid(),
        RepositoryId = Guid.NewGuid(),
        VersionId = Guid.NewGuid(),
        VersionNumber = 1,
    };

    [Test]
    public void Another_version_leaves_the_record_as_it_is() =>
        Assert.That(Pushed.HasRecordOf(Pushed with { VersionId = Guid.NewGuid(), VersionNumber = 2 }), Is.True);

    /// <summary>The database takes the repository out of the record, without another time of its last update.</summary>
    [Test]
    public void That_the_repository_is_gone_has_the_record_read_anew() =>
        Assert.That(
            Pushed.HasRecordOf(Pushed with { RepositoryId = null, VersionId = null, VersionNumber = null }),
            Is.False
        );
}
