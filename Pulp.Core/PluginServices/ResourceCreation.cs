using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.PluginServices;

/// <summary>
/// Creates resources for plugins. Of a kind that is created by one task at a time they are created here and now, with that queue kept,
/// unless a task is in it already: then by a task, behind those that wait.
/// </summary>
internal sealed class ResourceCreation(
    Database database,
    ResourceRegistry registry,
    CreationBodies bodies,
    ResourceChanges changes,
    TaskDispatcher tasks,
    TaskWaiters waiters,
    TimeProvider clock
)
{
    /// <summary>Those of this process that wait for the same queue hold no connection each.</summary>
    private readonly KeyedLocks<string> _turns = new();

    /// <summary>Creates them in order and together; answers their ids.</summary>
    public async Task<IReadOnlyList<Guid>> CreateAsync(
        TaskOrigin origin,
        IReadOnlyList<PulpResource> resources,
        CancellationToken cancellationToken
    )
    {
        var wishes = new List<Wish>(resources.Count);
        foreach (var resource in resources)
        {
            wishes.Add(await WishAsync(origin, resource, wishes, cancellationToken));
        }

        try
        {
            using (await TurnAsync(wishes, cancellationToken))
            {
                await database.InRepeatedTransactionAsync(
                    tx => CreateAsync((SqlSession)tx, wishes, cancellationToken),
                    cancellationToken
                );
            }

            // Behind the turn, so that the next ones are created meanwhile.
            await database.FlushAsync(Sql.Union([.. wishes.Select(Stored)]));
        }
        catch (QueueBusyException)
        {
            foreach (var wish in wishes)
            {
                await CreateAloneAsync(wish, cancellationToken);
            }
        }
        catch (Exception error) when (database.Dialect.IsUniqueViolation(error))
        {
            // Another request was faster: the check finds it now.
            foreach (var wish in wishes)
            {
                await CheckAsync(wish, cancellationToken);
            }

            throw;
        }

        return [.. wishes.Select(w => w.Id)];
    }

    /// <summary>What finds it, unless somebody has deleted it already: of several one is there.</summary>
    private static SqlText Stored(Wish wish) =>
        $"select 1 from {Sql.Name(wish.Kind.MasterTable)} where {Sql.Name(wish.Kind.KeyColumn)} = {wish.Id}";

    private async Task<IDisposable?> TurnAsync(IReadOnlyList<Wish> wishes, CancellationToken cancellationToken)
    {
        var queues = string.Join(
            ' ',
            wishes.Where(w => w.InQueue).SelectMany(w => w.Queues.Resources).Select(r => r.Prn)
        );
        return queues.Length == 0 ? null : await _turns.TakeAsync(queues, cancellationToken);
    }

    /// <exception cref="QueueBusyException">A task is before one of them.</exception>
    private async Task<int> CreateAsync(SqlSession tx, IReadOnlyList<Wish> wishes, CancellationToken cancellationToken)
    {
        // Others wait for the locks: not for the disk, too.
        tx.CommitInBackground();
        foreach (var wish in wishes)
        {
            // As late as can be: all others who create one wait for it.
            if (wish.InQueue && !await QueueKeeping.TryKeepAsync(tx, wish.Queues.Resources, cancellationToken))
            {
                throw new QueueBusyException();
            }

            await using var body = RequestBody.From(wish.Body);
            await changes.CreateAsync(tx, wish.Kind, wish.Origin.Reach, body, wish.Id, cancellationToken);
        }

        return wishes.Count;
    }

    private async Task CreateAloneAsync(Wish wish, CancellationToken cancellationToken)
    {
        if (!wish.InQueue)
        {
            await using var body = RequestBody.From(wish.Body);
            await changes.CreateAsync(wish.Kind, wish.Origin.Reach, body, cancellationToken, id: wish.Id);
            return;
        }

        await CheckAsync(wish, cancellationToken);
        var task = await tasks.SendAsync<GeneralCreate, ResourceChange>(
            new ResourceChange(wish.Kind.Model, wish.Id, wish.Body, Partial: false),
            wish.Queues,
            wish.Origin,
            cancellationToken
        );
        var end = await waiters.FinishedAsync(task, wish.Origin.Reach, cancellationToken);
        if (!end.IsCompleted)
        {
            // Another may have been faster: the check says so.
            await CheckAsync(wish, cancellationToken);
            throw new ConflictException(end.Error ?? $"The {Names.Words(wish.Kind.ModelName)} couldn't be made.");
        }
    }

    private async Task CheckAsync(Wish wish, CancellationToken cancellationToken)
    {
        await using var body = RequestBody.From(wish.Body);
        await changes.CheckCreateAsync(wish.Kind, wish.Origin.Reach, body, cancellationToken);
    }

    private async Task<Wish> WishAsync(
        TaskOrigin origin,
        PulpResource resource,
        IReadOnlyList<Wish> before,
        CancellationToken cancellationToken
    )
    {
        var kind = registry.For(resource.GetType());
        var inQueue = kind.Verbs.HasFlag(Verbs.CreateTask) && kind.Behavior.CreateInTask is null;
        if (!inQueue && !kind.Verbs.HasFlag(Verbs.Create))
        {
            throw new InvalidOperationException($"A {kind.ModelName} isn't created like this.");
        }

        if (inQueue && origin.ParentTask is not null)
        {
            throw new InvalidOperationException($"A task doesn't wait for another that makes a {kind.ModelName}.");
        }

        var id = resource.PulpId == Guid.Empty ? Ids.New(clock.GetUtcNow()) : resource.PulpId;
        var body = await bodies.OfAsync(
            origin.Reach,
            kind,
            resource,
            other => before.FirstOrDefault(w => w.Id == other)?.Kind,
            cancellationToken
        );
        return new Wish(origin, kind, id, body, inQueue);
    }

    /// <summary>A resource that is wanted.</summary>
    /// <param name="Origin">On whose behalf.</param>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Id">The id that it gets.</param>
    /// <param name="Body">The request that would create it.</param>
    /// <param name="InQueue">Whether the kind's are created by one task at a time.</param>
    private sealed record Wish(TaskOrigin Origin, ResourceKind Kind, Guid Id, StoredBody Body, bool InQueue)
    {
        /// <summary>What its creation keeps for itself, where it is in a queue.</summary>
        public DispatchOptions Queues => Kind.Behavior.Reserve(Kind, null, Origin.Reach);
    }

    /// <summary>Takes the transaction back, with what was created in it already.</summary>
    private sealed class QueueBusyException : Exception;
}
