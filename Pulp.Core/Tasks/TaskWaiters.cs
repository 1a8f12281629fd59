using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>
/// Waits for the ends of tasks. Who waits notes it in the task's row, so that the process that ends it tells the others; of tasks
/// that nobody waits for, nobody is told.
/// </summary>
internal sealed class TaskWaiters
{
    /// <summary>A notification may get lost with its connection.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = [];

    public TaskWaiters(Database database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        database.Signals.Subscribe(TaskChannels.Ended, Wake);
    }

    /// <exception cref="NotFoundException">There is no such task within reach.</exception>
    public async Task<TaskEnd> FinishedAsync(Guid task, Reach reach, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the row is looked at: an end that comes between wakes us.
            var woken = _waiting.GetOrAdd(
                task,
                _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
            );
            try
            {
                await _database.ExecuteAsync(
                    $"""
                    update core_task set awaited = {true}
                     where pulp_id = {task} and state in ('waiting', 'running', 'canceling') and not awaited
                    """,
                    cancellationToken
                );
                if (await EndAsync(task, reach, cancellationToken) is { } end)
                {
                    return end;
                }

                await Task.WhenAny(woken.Task, Task.Delay(LongestSilence, _clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
            finally
            {
                // Others who wait for it look again.
                Wake(task);
            }
        }
    }

    private async Task<TaskEnd?> EndAsync(Guid task, Reach reach, CancellationToken cancellationToken)
    {
        var row =
            await _database.FirstOrDefaultAsync<EndRow>(
                $"""
                select state, cast(error as text) as error from core_task
                 where pulp_id = {task} and {(
                    reach.IsEverywhere ? (SqlText)$"1 = 1" : $"pulp_domain_id = {reach.Domain}"
                )}
                """,
                cancellationToken
            ) ?? throw new NotFoundException("No Task matches the given query.");
        if (row.State is TaskStates.Waiting or TaskStates.Running or TaskStates.Canceling)
        {
            return null;
        }

        var error = row.Error is { } json ? JsonNode.Parse(json) : null;
        return new TaskEnd
        {
            State = row.State,
            Error = (string?)(error?["description"] ?? error?["reason"]),
            Created =
            [
                .. (
                    await _database.QueryAsync<string>(
                        $"select href from core_createdresource where task_id = {task} order by href",
                        cancellationToken
                    )
                ).Select(reach.Scope.Localize),
            ],
        };
    }

    private void Wake(string payload)
    {
        if (Guid.TryParse(payload, out var task))
        {
            Wake(task);
            return;
        }

        // Something was missed: everybody looks.
        foreach (var (id, _) in _waiting)
        {
            Wake(id);
        }
    }

    private void Wake(Guid task)
    {
        if (_waiting.TryRemove(task, out var one))
        {
            one.TrySetResult();
        }
    }

    private sealed record EndRow
    {
        public string State { get; init; } = "";

        public string? Error { get; init; }
    }
}
