using System.Text.Json;
using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>Stores tasks, and runs the immediate ones that nothing holds up.</summary>
internal sealed class TaskDispatcher(
    Database database,
    TaskQueue queue,
    TaskRegistry registry,
    TaskExecutor executor,
    UnstartedTasks unstarted,
    SecretBox secrets,
    TaskOwners owners,
    TimeProvider clock
)
{
    /// <summary>Those of this process that wait for the same queue hold no connection each.</summary>
    private readonly KeyedLocks<string> _turns = new();

    public Task<Guid> SendAsync<TTask, TArgs>(
        TArgs args,
        DispatchOptions options,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
        where TTask : PulpTask<TArgs> => SendAsync(registry.NameOf<TTask>(), args, options, origin, cancellationToken);

    public async Task<Guid> SendAsync<TArgs>(
        string name,
        TArgs args,
        DispatchOptions options,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var task = New(name, args, options, origin) with { Owners = await owners.OfAsync(cancellationToken) };
        bool runNow;
        try
        {
            runNow = await InTurnAsync(
                task,
                () =>
                    database.InRepeatedTransactionAsync(
                        tx => StoreAsync(tx, task, options.Immediate && executor.CanRunImmediately, cancellationToken),
                        cancellationToken
                    ),
                cancellationToken
            );
        }
        catch (DatabaseUnavailableException) when (options.Immediate)
        {
            // It may have been committed for all that: then it counts as running here.
            unstarted.NeverStarted(task.Id);
            throw;
        }

        if (runNow)
        {
            // The task is ours from here: it ends in a final state whether or not the client waits.
            await executor.RunAsync(
                new ClaimedTask
                {
                    PulpId = task.Id,
                    PulpDomainId = origin.Reach.Domain,
                    Name = name,
                    LoggingCid = origin.CorrelationId,
                    CreatedBy = origin.Reach.UserId,
                    ReservedResourcesRecord = RecordOf(task.Resources, origin),
                    EncArgs = task.ArgsJson,
                    ProfileOptions = origin.ProfileOptions,
                },
                slot: null,
                CancellationToken.None
            );
        }

        return task.Id;
    }

    /// <summary>
    /// Waits within the process for the first of the queues, which the transaction locks: hundreds who wait for it in the database would
    /// leave no connection to anybody else, the task that they wait for among them.
    /// </summary>
    private async Task<bool> InTurnAsync(NewTask task, Func<Task<bool>> store, CancellationToken cancellationToken)
    {
        if (task.Resources.Count == 0)
        {
            return await store();
        }

        using (await _turns.TakeAsync(task.Resources[0].Resource, cancellationToken))
        {
            return await store();
        }
    }

    /// <summary>Sends a task that exists only if the transaction is committed; workers find it then.</summary>
    public async Task<Guid> SendWithAsync<TArgs>(
        IDb tx,
        string name,
        TArgs args,
        DispatchOptions options,
        TaskOrigin origin,
        CancellationToken cancellationToken
    )
    {
        var task = New(name, args, options, origin) with { Owners = await owners.OfAsync(cancellationToken) };
        await StoreAsync(tx, task, immediate: false, cancellationToken);
        return task.Id;
    }

    private NewTask New<TArgs>(string name, TArgs args, DispatchOptions options, TaskOrigin origin) =>
        new(
            Ids.New(clock.GetUtcNow()),
            name,
            JsonSerializer.Serialize(args, WireJson.Options),
            [
                .. options
                    .Resources.Concat(DomainOf(origin))
                    .GroupBy(r => r.Prn, StringComparer.Ordinal)
                    .Select(g => (Resource: g.Key, Exclusive: g.Any(r => r.Exclusive)))
                    .OrderBy(r => r.Resource, StringComparer.Ordinal),
            ],
            options,
            origin
        );

    /// <returns>Whether the task is running here already, as one of this process.</returns>
    private async Task<bool> StoreAsync(IDb tx, NewTask task, bool immediate, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<SqlText> statements =
        [
            $"""
                insert into core_task (pulp_id, pulp_created, pulp_last_updated, pulp_domain_id, state, name, logging_cid, created_by, enc_args,
                                       parent_task_id, task_group_id, reserved_resources_record, immediate, blocked_by,
                                       profile_options, sender_owns)
                values ({task.Id}, {now}, {now}, {task.Origin.Reach.Domain}, 'waiting', {task.Name}, {task.Origin.CorrelationId},
                        {task.Origin.Reach.UserId},
                        {secrets.Seal(task.ArgsJson)}, {task.Origin.ParentTask}, {task.Options.Group},
                        {new JsonText(RecordOf(task.Resources, task.Origin))}, {task.Options.Immediate}, 0,
                        {task.Origin.ProfileOptions}, {task.Owners != TaskOwnership.Others})
                """,
            .. queue.Reserve(tx, task.Id, task.Resources),
        ];
        var reserved = statements.Count;
        if (immediate)
        {
            // A process that was taken for dead is registered again with its next heartbeat: until then workers run what it sends.
            statements.Add(
                $"""
                update core_task set state = 'running', started_at = {now}, worker_id = {executor.Self}
                 where pulp_id = {task.Id} and blocked_by = 0
                   and exists (select 1 from core_appstatus s where s.pulp_id = {executor.Self})
                returning pulp_id
                """
            );
        }
        else if (
            database.Signals.Announcement(
                TaskChannels.Runnable,
                "",
                $"exists (select 1 from core_task where pulp_id = {task.Id} and blocked_by = 0)"
            ) is
            { } announcement
        )
        {
            statements.Add(announcement);
        }

        var results = await ((SqlSession)tx).BatchAsync(statements, cancellationToken);
        if (task.Owners != TaskOwnership.Sender)
        {
            await owners.GiveAsync(tx, task.Id, task.Origin.Reach, cancellationToken);
        }

        // What follows the reservation answers too: the start, or the announcement.
        var reservation = statements.Count == reserved ? results[^1] : results[^2];
        var isStarted = immediate && results[^1].Count > 0;
        if (isStarted || !Convert.ToBoolean(reservation[0][0], provider: null))
        {
            return isStarted;
        }

        if (immediate)
        {
            await database.Signals.NotifyAsync(tx, TaskChannels.Runnable, "", cancellationToken);
        }
        else
        {
            database.Signals.RaiseAfterCommit(tx, TaskChannels.Runnable);
        }

        return false;
    }

    /// <summary>
    /// Who moves a domain's storage waits for its tasks, and they for him. The default domain's storage isn't moved: its tasks have one
    /// resource less to wait for.
    /// </summary>
    private static IEnumerable<(string Prn, bool Exclusive)> DomainOf(TaskOrigin origin) =>
        origin.Reach.Domain == Domains.Default ? [] : [(PrnOfDomain(origin), false)];

    private static string PrnOfDomain(TaskOrigin origin) => $"prn:core.domain:{origin.Reach.Domain}";

    /// <summary>What the task reserves, as the wire shows it.</summary>
    private static string RecordOf(IReadOnlyList<(string Resource, bool Exclusive)> resources, TaskOrigin origin) =>
        JsonSerializer.Serialize(
            resources
                .OrderByDescending(r => r.Exclusive)
                .Select(r => r.Exclusive ? r.Resource : "shared:" + r.Resource)
                .Concat(resources.Any(r => r.Resource == PrnOfDomain(origin)) ? [] : ["shared:" + PrnOfDomain(origin)])
        );

    private sealed record NewTask(
        Guid Id,
        string Name,
        string ArgsJson,
        IReadOnlyList<(string Resource, bool Exclusive)> Resources,
        DispatchOptions Options,
        TaskOrigin Origin
    )
    {
        /// <summary>Who owns it.</summary>
        public TaskOwnership Owners { get; init; }
    }
}
