using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>Loops in the background outlive what a turn fails with: without them nobody hears of other processes' work again.</summary>
public sealed class TurnsTests
{
    [Test]
    public async Task Who_listens_is_woken_after_a_look_that_failed_too()
    {
        var looks = 0;
        await using var signals = new SqliteSignals(Look, TimeProvider.System, NullLogger.Instance);
        var woken = 0;
        signals.Subscribe("channel", _ => Interlocked.Increment(ref woken));

        await signals.StartAsync(["channel"]);
        Assert.That(
            () => Volatile.Read(ref woken),
            Is.EqualTo(2).Soon(),
            "at the start, and by the change after the fault"
        );

        long? Look() =>
            Interlocked.Increment(ref looks) switch
            {
                1 => 1,
                < 4 => throw new SqliteException("disk I/O error", 10),
                _ => 2,
            };
    }
}
