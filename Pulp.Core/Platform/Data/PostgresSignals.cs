using Npgsql;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>LISTEN and NOTIFY on a connection of their own, which is opened anew whenever it breaks.</summary>
internal sealed partial class PostgresSignals(string connectionString, ILogger logger) : Signals
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _listen = Task.CompletedTask;
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _listening = true;

    public override Task StartAsync(IReadOnlyCollection<string> channels)
    {
        _listen = Task.Run(() =>
            ListenAsync(Sql.Names(channels).Text.Replace(", ", "; listen ", StringComparison.Ordinal))
        );
        return _tried.Task;
    }

    protected override async Task SendAsync(
        IDb session,
        string channel,
        string payload,
        CancellationToken cancellationToken
    ) =>
        await session.FirstOrDefaultAsync<string>(
            $"select cast(pg_notify({channel}, {payload}) as text)",
            cancellationToken
        );

    public override SqlText? Announcement(string channel, string payload, SqlText condition) =>
        $"select cast(pg_notify({channel}, {payload}) as text) where {condition}";

    private async Task ListenAsync(string channels)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var settings = new NpgsqlConnectionStringBuilder(connectionString)
                {
                    Pooling = false,
                    KeepAlive = 15,
                    ApplicationName = "pulp-signals",
                };
                await using var connection = new NpgsqlConnection(settings.ToString());
                await connection.OpenAsync(_stop.Token);
                connection.Notification += (_, e) => Raise(e.Channel, e.Payload);
                await using (var command = connection.CreateCommand())
                {
                    command.CommandText = $"listen {channels}";
                    await command.ExecuteNonQueryAsync(_stop.Token);
                }

                _listening = true;
                // What was said while nobody listened is lost: everybody looks once.
                RaiseAll();
                _tried.TrySetResult();
                while (true)
                {
                    await connection.WaitAsync(_stop.Token);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                _tried.TrySetResult();
                return;
            }
            catch (Exception error)
            {
                // Whatever it was, the next connection may do better. Said once a break, not once an attempt.
                if (_listening)
                {
                    LogLost(error.Message);
                }

                _listening = false;
                _tried.TrySetResult();
                await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    protected override async ValueTask StopAsync()
    {
        await _stop.CancelAsync();
        await _listen;
        _stop.Dispose();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The connection for database notifications broke and is opened anew: {Reason}"
    )]
    private partial void LogLost(string reason);
}
