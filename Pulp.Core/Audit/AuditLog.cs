using System.Threading.Channels;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Audit;

/// <summary>
/// Takes events without making anybody wait, and stores them behind the requests: many in one transaction, within half a second.
/// What doesn't fit, because the database is away for long, is counted and told in the log.
/// </summary>
internal sealed partial class AuditLog(
    Database database,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<AuditLog> logger
) : BackgroundService
{
    private const int Capacity = 20_000;
    private const int Batch = 500;
    private const long Removed = 5_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Tidying = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private static readonly BulkColumn[] Columns =
    [
        new("pulp_id", ColumnType.Uuid),
        new("pulp_created", ColumnType.Timestamp),
        new("pulp_last_updated", ColumnType.Timestamp),
        new("kind", ColumnType.Text),
        new("username", ColumnType.Text),
        new("with_token", ColumnType.Boolean),
        new("method", ColumnType.Text),
        new("path", ColumnType.Text),
        new("status", ColumnType.BigInteger),
        new("address", ColumnType.Text),
        new("correlation_id", ColumnType.Text),
    ];

    private readonly Channel<AuditEvent> _events = Channel.CreateBounded<AuditEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true }
    );

    private readonly List<AuditEvent> _taken = [];
    private long _lost;
    private long? _tidiedAt;

    public bool IsOn => settings.AuditLogDays > 0;

    public void Add(AuditEvent happened)
    {
        if (!_events.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _events.Reader.WaitToReadAsync(stoppingToken))
            {
                await TryStoreAsync(stoppingToken);

                // Those that come meanwhile go together.
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops, and says what it still has to say.
            using var soon = new CancellationTokenSource(LastWords);
            await TryStoreAsync(soon.Token);
        }
    }

    /// <summary>Stores what there is; what can't be stored is tried again the next time.</summary>
    private async Task TryStoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                while (_taken.Count < Batch && _events.Reader.TryRead(out var happened))
                {
                    _taken.Add(happened);
                }

                await StoreAsync(_taken, cancellationToken);
                _taken.Clear();
            } while (_events.Reader.TryPeek(out _));

            await TidyAsync(cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(error.Message);
        }

        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            LogLost(lost);
        }
    }

    private Task StoreAsync(IReadOnlyList<AuditEvent> events, CancellationToken cancellationToken) =>
        events.Count == 0
            ? Task.CompletedTask
            : database.InsertManyAsync("core_auditevent", Columns, [.. events.Select(RowOf)], cancellationToken);

    private static object?[] RowOf(AuditEvent e) =>
        [
            e.PulpId,
            e.PulpCreated,
            e.PulpLastUpdated,
            e.Kind,
            e.Username,
            e.WithToken,
            e.Method,
            e.Path,
            e.Status,
            e.Address,
            e.CorrelationId,
        ];

    /// <summary>Removes what is too old, a bounded part at a time.</summary>
    private async Task TidyAsync(CancellationToken cancellationToken)
    {
        if (_tidiedAt is { } at && clock.GetElapsedTime(at) < Tidying)
        {
            return;
        }

        var before = clock.GetUtcNow().AddDays(-settings.AuditLogDays);
        var removed = await database.ExecuteAsync(
            $"""
            delete from core_auditevent where pulp_id in (select pulp_id from core_auditevent
                                                           where pulp_created < {before} limit {Removed})
            """,
            cancellationToken
        );
        _tidiedAt = removed < Removed ? clock.GetTimestamp() : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit log can't be written, and is tried again: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Count} events of the audit log are lost: it couldn't be written"
    )]
    private partial void LogLost(long count);
}
