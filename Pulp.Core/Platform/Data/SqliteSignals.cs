using Microsoft.Data.Sqlite;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Inside the process signals are raised directly. What other processes write shows in <c>pragma data_version</c>, which costs
/// microseconds: it is looked at some times a second, and a change wakes everybody.
/// </summary>
internal sealed class SqliteSignals(Func<SqliteConnection> open, TimeProvider clock) : Signals
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    public override void Start() => _watch = Task.Run(WatchAsync);

    protected override Task SendAsync(
        IDb session,
        string channel,
        string payload,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            await using var connection = open();
            await using var command = connection.CreateCommand();
            command.CommandText = "pragma data_version";
            var seen = await command.ExecuteScalarAsync(_stop.Token);
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var now = await command.ExecuteScalarAsync(_stop.Token);
                if (!Equals(seen, now))
                {
                    seen = now;
                    RaiseAll();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    protected override async ValueTask StopAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
    }
}
