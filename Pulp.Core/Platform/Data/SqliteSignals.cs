using Pulp.Core.Platform.Background;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Inside the process signals are raised directly. What other processes write shows in <c>pragma data_version</c>, which costs
/// microseconds: it is looked at some times a second, and a change wakes everybody. It is asked on the process's only writing
/// connection, where it counts the commits of others and never our own.
/// </summary>
/// <param name="readVersion">The version as the writer sees it; null while the writer is busy.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Told when it fails.</param>
internal sealed class SqliteSignals(Func<long?> readVersion, TimeProvider clock, ILogger logger) : Signals
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _stop = new();
    private long? _seen;
    private Task _watch = Task.CompletedTask;

    public override Task StartAsync(IReadOnlyCollection<string> channels)
    {
        // What was written before the first look, nobody here has been told.
        _seen = readVersion();
        RaiseAll();
        _watch = Task.Run(WatchAsync);
        return Task.CompletedTask;
    }

    protected override Task SendAsync(
        IDb session,
        string channel,
        string payload,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    private Task WatchAsync() =>
        new Turns("Looking for what other processes wrote", Interval, clock, logger).RunAsync(
            _ =>
            {
                if (readVersion() is { } now && now != _seen)
                {
                    _seen = now;
                    RaiseAll();
                }

                return Task.CompletedTask;
            },
            _stop.Token
        );

    protected override async ValueTask StopAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }
}
