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
internal sealed class TagTask(IRepositoryVersions versions, NewVersions made) : PulpTask<TagArgs>
{
    public override async Task<object?> RunAsync(TagArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var version = await versions.ChangeAsync(
            args.Repository,
            (draft, token) =>
                draft.AddAsync(
                    [new DeclaredContent(new Tag { Name = args.Tag, TaggedManifest = args.Manifest })],
                    token
                ),
            cancellationToken
        );
        await made.TellAsync(task, args.Repository, version, cancellationToken);
        return null;
    }
}

/// <summary>Takes tags away. Their manifests stay.</summary>
[PulpTask("pulp_container.app.tasks.untag.untag_image")]
internal sealed class UntagTask(IRepositoryVersions versions, NewVersions made) : PulpTask<ContentArgs>
{
    public override async Task<object?> RunAsync(
        ContentArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            args.Repository,
            (draft, token) => draft.RemoveAsync(args.Units, token),
            cancellationToken
        );
        await made.TellAsync(task, args.Repository, version, cancellationToken);
        return null;
    }
}

/// <summary>Adds units; what they refer to comes with them.</summary>
[PulpTask("pulp_container.app.tasks.recursive_add.recursive_add_content")]
internal sealed class RecursiveAddTask(IRepositoryVersions versions, NewVersions made) : PulpTask<ContentArgs>
{
    public override async Task<object?> RunAsync(
        ContentArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            args.Repository,
            (draft, token) => draft.AddAsync(args.Units, token),
            cancellationToken
        );
        await made.TellAsync(task, args.Repository, version, cancellationToken);
        return null;
    }
}

/// <summary>Removes units, and with them whatever only they referred to.</summary>
[PulpTask("pulp_container.app.tasks.recursive_remove.recursive_remove_content")]
internal sealed class RecursiveRemoveTask(IRepositoryVersions versions, NewVersions made) : PulpTask<ContentArgs>
{
    public override async Task<object?> RunAsync(
        ContentArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            args.Repository,
            (draft, token) => draft.RemoveWithReferencesAsync(args.Units, token),
            cancellationToken
        );
        await made.TellAsync(task, args.Repository, version, cancellationToken);
        return null;
    }
}

/// <summary>Tells which versions tasks made, for clients to find them.</summary>
internal sealed class NewVersions(IResources resources, IResourceNames names)
{
    public async Task TellAsync(
        ITaskContext task,
        Guid repository,
        RepositoryVersionRef? version,
        CancellationToken cancellationToken
    )
    {
        if (version is not null && await resources.FindAsync<Repository>(repository, cancellationToken) is { } found)
        {
            task.Created(
                $"{names.Href(found)}versions/{version.Number}/",
                $"prn:core.repositoryversion:{version.PulpId}"
            );
        }
    }
}
