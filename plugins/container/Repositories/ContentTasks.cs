using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Images;

namespace PulpContainer.Repositories;

/// <summary>Arguments of <see cref="TagTask"/>.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Manifest">What is tagged.</param>
/// <param name="Tag">The tag.</param>
internal sealed record TagArgs(Guid Repository, Guid Manifest, string Tag);

/// <summary>Arguments of the tasks that add and remove content.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Units">What is added or removed.</param>
internal sealed record ContentArgs(Guid Repository, IReadOnlyList<Guid> Units);

/// <summary>Gives a manifest a tag, which may have named another before.</summary>
[PulpTask("pulp_container.app.tasks.tag.tag_image")]
internal sealed class TagTask(RepositoryChanges changes) : PulpTask<TagArgs>
{
    public override Task<object?> RunAsync(TagArgs args, ITaskContext task, CancellationToken cancellationToken) =>
        changes.MakeAsync(
            task,
            args.Repository,
            (draft, token) =>
                draft.AddAsync(
                    [new DeclaredContent(new Tag { Name = args.Tag, TaggedManifest = args.Manifest })],
                    token
                ),
            cancellationToken
        );
}

/// <summary>Takes tags away. Their manifests stay.</summary>
[PulpTask("pulp_container.app.tasks.untag.untag_image")]
internal sealed class UntagTask(RepositoryChanges changes) : PulpTask<ContentArgs>
{
    public override Task<object?> RunAsync(ContentArgs args, ITaskContext task, CancellationToken cancellationToken) =>
        changes.MakeAsync(
            task,
            args.Repository,
            (draft, token) => draft.RemoveAsync(args.Units, token),
            cancellationToken
        );
}

/// <summary>Adds units; what they refer to comes with them.</summary>
[PulpTask("pulp_container.app.tasks.recursive_add.recursive_add_content")]
internal sealed class RecursiveAddTask(RepositoryChanges changes) : PulpTask<ContentArgs>
{
    public override Task<object?> RunAsync(ContentArgs args, ITaskContext task, CancellationToken cancellationToken) =>
        changes.MakeAsync(
            task,
            args.Repository,
            (draft, token) => draft.AddAsync(args.Units, token),
            cancellationToken
        );
}

/// <summary>Removes units, and with them whatever only they referred to.</summary>
[PulpTask("pulp_container.app.tasks.recursive_remove.recursive_remove_content")]
internal sealed class RecursiveRemoveTask(RepositoryChanges changes) : PulpTask<ContentArgs>
{
    public override Task<object?> RunAsync(ContentArgs args, ITaskContext task, CancellationToken cancellationToken) =>
        changes.MakeAsync(
            task,
            args.Repository,
            (draft, token) => draft.RemoveWithReferencesAsync(args.Units, token),
            cancellationToken
        );
}

/// <summary>Makes versions in tasks, and tells which they are, for clients to find them.</summary>
internal sealed class RepositoryChanges(IRepositoryVersions versions, IResources resources, IResourceNames names)
{
    /// <returns>Nothing: the task's result.</returns>
    public async Task<object?> MakeAsync(
        ITaskContext task,
        Guid repository,
        Func<IVersionDraft, CancellationToken, Task> change,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(repository, change, cancellationToken);
        if (version is not null && await resources.FindAsync<Repository>(repository, cancellationToken) is { } found)
        {
            task.Created(
                $"{names.Href(found)}versions/{version.Number}/",
                $"prn:core.repositoryversion:{version.PulpId}"
            );
        }

        return null;
    }
}
