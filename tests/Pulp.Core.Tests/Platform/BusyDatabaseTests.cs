using Microsoft.Data.Sqlite;
using NUnit.Framework;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Tests.Platform;

/// <summary>What clients are told when another process writes for too long.</summary>
public sealed class BusyDatabaseTests
{
    [TestCase(5)]
    [TestCase(6)]
    public void A_busy_database_is_worth_another_try_soon(int code)
    {
        var known = DiskException.Known(new SqliteException("database is locked", code));

        Assert.Multiple(() =>
        {
            Assert.That(known?.Status, Is.EqualTo(503));
            Assert.That(known?.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(known?.Message, Does.Contain("busy"));
        });
    }
}
