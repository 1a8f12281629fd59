using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>Completes a version together with the publication that its repository wants of each: both appear, or neither.</summary>
internal sealed class VersionCompletion(
    Database database,
    ResourceRegistry registry,
    IVersionPublishing publishing,
    VersionPreparation preparation,
    Versions versions
)
{
    private const long ManyUnits = 5_000;

    /// <summary>
    /// Makes the next version of a repository that the task has for itself: in one transaction, unless it is published with it, which
    /// takes long and other connections.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="baseVersion">The version that it begins from, where that isn't the latest.</param>
    /// <param name="task">The task.</param>
    /// <param name="fill">Changes the version; it may be called again, from the beginning.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="made">Is called once what filled it is stored, before the task is told of the version; null for nothing.</param>
    public async Task<VersionRow?> MakeAsync(
        Guid repository,
        Guid? baseVersion,
        ITaskContext task,
        Func<VersionBuilder, Task> fill,
        CancellationToken cancellationToken,
        Func<Task>? made = null
    )
    {
        if (await publishing.WantedAsync(repository, cancellationToken) is { } wanted)
        {
            var stepwise = await versions.BeginAsync(repository, baseVersion, task.TaskId, cancellationToken);
            await fill(stepwise);
            await (made?.Invoke() ?? Task.CompletedTask);
            return await CompleteAsync(stepwise, wanted, task, cancellationToken);
        }

        var (builder, version) = await database.InRepeatedTransactionAsync(
            async tx =>
            {
                var session = (SqlSession)tx;
                var begun = await versions.BeginAsync(session, repository, baseVersion, task.TaskId, cancellationToken);
                await fill(begun);
                await preparation.PrepareAsync(begun, cancellationToken);
                return (begun, await begun.CompleteAsync(alongside: null, cancellationToken));
            },
            cancellationToken
        );
        await (made?.Invoke() ?? Task.CompletedTask);
        Tell(task, builder, version);
        await RefreshStatisticsAsync(builder, cancellationToken);
        return version;
    }

    public async Task<VersionRow?> CompleteAsync(
        VersionBuilder builder,
        ITaskContext task,
        CancellationToken cancellationToken
    ) =>
        await CompleteAsync(
            builder,
            await publishing.WantedAsync(builder.RepositoryId, cancellationToken),
            task,
            cancellationToken
        );

    private async Task<VersionRow?> CompleteAsync(
        VersionBuilder builder,
        Publication? wanted,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await preparation.PrepareAsync(builder, cancellationToken);
        await RefreshStatisticsAsync(builder, cancellationToken);
        WrittenPublication? publication = null;
        if (wanted is not null && await builder.HasChangesAsync(cancellationToken))
        {
            publication = await publishing.WriteAsync(wanted, builder.Version, task, cancellationToken);
        }

        var version = await builder.CompleteAsync(
            publication is { } made ? tx => publishing.CompleteAsync(tx, made, cancellationToken) : null,
            cancellationToken
        );
        Tell(task, builder, version);
        if (version is not null && publication is { Id: var id } && wanted is not null)
        {
            var kind = registry.For(wanted.GetType());
            task.Created(kind.Href(TaskContext.Of(task).Domain, id), kind.Prn(id));
        }

        return version;
    }

    private void Tell(ITaskContext task, VersionBuilder builder, VersionRow? version)
    {
        if (version is not null)
        {
            task.Created(
                versions.HrefOf(
                    TaskContext.Of(task).Domain,
                    version,
                    registry.ForType("core_repository", builder.RepositoryType)
                ),
                Versions.PrnOf(version)
            );
        }
    }

    private async Task RefreshStatisticsAsync(VersionBuilder builder, CancellationToken cancellationToken)
    {
        if (builder.Added >= ManyUnits)
        {
            await database.RefreshStatisticsAsync(cancellationToken);
        }
    }
}
