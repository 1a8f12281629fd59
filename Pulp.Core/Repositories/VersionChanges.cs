using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Repositories;

namespace Pulp.Core.Repositories;

/// <summary>
/// Makes versions in one transaction, beside the tasks. The lock of the repository's queue is held meanwhile, so that no task gets
/// the repository and no other process makes a version; what a task has for itself is waited for.
/// </summary>
internal sealed class VersionChanges(
    Database database,
    Versions versions,
    VersionDrafts drafts,
    VersionPreparation preparation,
    IVersionPublishing publishing,
    ArtifactStore artifacts,
    RepositoryTypes types,
    TimeProvider clock
)
{
    /// <summary>How long a task that has the repository for itself is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Those of this process that wait for the same repository hold no connection each. On PostgreSQL one waits there, at the lock,
    /// beside the one that has it: it goes on as soon as that is committed, with nothing to be told here and no round trip between.
    /// </summary>
    private readonly KeyedLocks<Guid> _turns = new(database.IsPostgres ? 2 : 1);

    public async Task<VersionRow?> ChangeAsync(
        TaskOrigin origin,
        Guid repository,
        Func<VersionDraft, CancellationToken, Task> change,
        CancellationToken cancellationToken
    )
    {
        var kind = await KindAsync(repository, origin.Reach, cancellationToken);
        // Who waits for a turn waits for the task that keeps the others from theirs.
        var begun = clock.GetTimestamp();
        var wanted = await publishing.WantedAsync(repository, cancellationToken);
        var wish = new Wish(origin, repository, kind, wanted, change);
        VersionRow? version;
        using (await _turns.TakeAsync(repository, cancellationToken))
        {
            version = await ChangeInTurnAsync(wish, begun, cancellationToken);
        }

        // Behind the turn, so that the next version is made meanwhile. Also where nothing changed: whoever has made that version may
        // be waiting for the disk still.
        // The version itself may have been deleted by retention already, with the next one.
        await database.FlushAsync(
            $"select 1 from core_repository where pulp_id = {repository} and next_version > {version?.Number ?? -1}"
        );
        return version;
    }

    private async Task<VersionRow?> ChangeInTurnAsync(Wish wish, long begun, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await TryAsync(wish, cancellationToken);
            }
            catch (RepositoryBusyException) when (clock.GetElapsedTime(begun) < Patience)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private async Task<ResourceKind> KindAsync(Guid repository, Reach reach, CancellationToken cancellationToken) =>
        await types.FindAsync(repository, cancellationToken) is { } type
        && (type.Domain == reach.Domain || reach.IsEverywhere)
            ? type.Kind
            : throw new NotFoundException("The repository is gone.");

    private async Task<VersionRow?> TryAsync(Wish wish, CancellationToken cancellationToken)
    {
        IReadOnlyList<Artifact> kept = [];
        try
        {
            // Before the transaction: who removes artifacts waits for the database with this lock.
            await using var held = await artifacts.HoldAsync(cancellationToken);
            return await database.InRepeatedTransactionAsync(
                async tx =>
                {
                    var session = (TransactionSession)tx;
                    session.CommitInBackground();
                    var (builder, isRead) = await BeginAsync(session, wish, cancellationToken);
                    var draft = drafts.Of(builder);
                    try
                    {
                        await wish.Change(draft, cancellationToken);
                    }
                    finally
                    {
                        kept = draft.Kept;
                    }

                    await preparation.PrepareAsync(builder, cancellationToken);
                    // It is published by a task of its own, which this doesn't wait for.
                    return await builder.CompleteAsync(
                        wish.Publication is not { } wanted
                            ? null
                            : done =>
                                publishing.SendAsync(done, wanted, builder.Version, wish.Origin, cancellationToken),
                        cancellationToken,
                        retain: !isRead
                    );
                },
                cancellationToken
            );
        }
        catch (Exception error) when (kept.Count > 0 && error is not DatabaseUnavailableException)
        {
            // Of a commit that broke off nobody knows whether it counted: then the files stay, as what nobody needs at worst.
            await artifacts.RemoveUnstoredAsync(kept, CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// Takes the repository for the rest of the transaction and begins its next version; answers also whether a task reads its versions,
    /// none of which may go then.
    /// </summary>
    /// <exception cref="RepositoryBusyException">Another task has it for itself.</exception>
    private async Task<(VersionBuilder Builder, bool IsRead)> BeginAsync(
        TransactionSession tx,
        Wish wish,
        CancellationToken cancellationToken
    )
    {
        var own = wish.Origin.ParentTask ?? Guid.Empty;
        var resource = wish.Kind.Prn(wish.Repository);
        SqlText others =
            $"from core_taskreservation where resource = {resource} and granted = {true} and task_id <> {own}";
        var answers = await tx.BatchAsync(
            [
                .. TaskQueue.LockResource(tx, resource),
                $"select exclusive {others} order by exclusive desc limit 1",
                NewVersion.NumberIn(wish.Repository),
            ],
            cancellationToken
        );
        var reserved = answers[^2];
        if (reserved.Count == 0 || !Convert.ToBoolean(reserved[0][0], provider: null))
        {
            return (versions.Begun(tx, wish.Repository, answers[^1], wish.Kind.PulpType), IsRead: reserved.Count > 0);
        }

        var name = await tx.FirstOrDefaultAsync<string>(
            $"select name from core_repository where pulp_id = {wish.Repository}",
            cancellationToken
        );
        throw new RepositoryBusyException(name ?? "");
    }

    /// <summary>A version that somebody wants.</summary>
    /// <param name="Origin">Who wants it.</param>
    /// <param name="Repository">The repository.</param>
    /// <param name="Kind">The repository's kind.</param>
    /// <param name="Publication">How the repository publishes each version; null where it doesn't.</param>
    /// <param name="Change">Makes it from the latest one; it may be called again, from the beginning.</param>
    private sealed record Wish(
        TaskOrigin Origin,
        Guid Repository,
        ResourceKind Kind,
        Publication? Publication,
        Func<VersionDraft, CancellationToken, Task> Change
    );
}
