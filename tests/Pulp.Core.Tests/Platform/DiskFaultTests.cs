using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Tests.Platform;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DiskFaultTests
{
    private const int DiskFull = 28;
    private const int ReadOnly = 30;

    private readonly LookedAtClock _clock = new();
    private readonly Lines _lines = new();

    private DiskFaults New() => new(_clock, _lines);

    private static DiskException Fault(int error) =>
        DiskException.From(new IOException("The system says so.", error))
        ?? throw new InvalidOperationException("It isn't about the disk.");

    [Test]
    public void A_full_disk_is_said_once_and_once_that_it_is_over()
    {
        using var faults = New();
        for (var i = 0; i < 5; i++)
        {
            faults.Note(Fault(DiskFull), "POST /pulp/api/v3/artifacts/", "No space left on device");
        }

        _clock.Look();
        Assert.That(_lines.Said, Has.Count.EqualTo(1), "some were refused since it began");
        _clock.Look();
        Assert.That(_lines.Said, Has.Count.EqualTo(2));
        Assert.That(_lines.Said[1], Does.Contain("5 were refused"));
    }

    [Test]
    public void A_disk_that_is_full_again_is_said_again()
    {
        using var faults = New();
        faults.Note(Fault(DiskFull), "POST /one/", "");
        _clock.Look();
        faults.Note(Fault(DiskFull), "POST /two/", "");

        Assert.That(_lines.Said, Has.Count.EqualTo(3));
        Assert.That(_lines.Said[^1], Does.Contain("/two/"));
    }

    [Test]
    public void What_else_is_wrong_is_said_each_time()
    {
        using var faults = New();
        faults.Note(Fault(ReadOnly), "POST /one/", "");
        faults.Note(Fault(ReadOnly), "POST /two/", "");

        Assert.That(_lines.Said, Has.Count.EqualTo(2));
    }

    private sealed class Lines : ILogger<DiskFaults>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Said.Add(formatter(state, exception));
    }

    /// <summary>Its timer goes off when the test says so.</summary>
    private sealed class LookedAtClock : TimeProvider
    {
        private TimerCallback? _callback;

        public void Look() => _callback?.Invoke(null);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
