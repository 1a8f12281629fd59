using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Repositories;

namespace PulpContainer.Builds;

/// <summary>Arguments of <see cref="BuildTask"/>.</summary>
/// <param name="Repository">Where the image goes.</param>
/// <param name="Context">The files that it may use; null for none.</param>
/// <param name="Containerfile">The instructions; null where they are a file of the context.</param>
/// <param name="ContainerfileName">That file.</param>
/// <param name="Tag">The image's tag.</param>
internal sealed record BuildArgs(
    Guid Repository,
    RepositoryVersionRef? Context,
    string? Containerfile,
    string? ContainerfileName,
    string Tag
);

/// <summary>Builds an image from a Containerfile, and adds it to a repository.</summary>
[PulpTask("pulp_container.app.tasks.builder.build_image")]
internal sealed class BuildTask(IArtifacts artifacts, BuiltImages images, RepositoryChanges changes)
    : PulpTask<BuildArgs>
{
    public override async Task<object?> RunAsync(BuildArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var context = NewDirectory(task, "context");
        if (args.Context is { } version)
        {
            await BuildContext.WriteAsync(task.Db, artifacts, version, context, cancellationToken);
        }

        var file = await ContainerfileAsync(args, task, context, cancellationToken);
        var image = NewDirectory(task, "image");
        await using (var progress = task.Progress("Building the image", "container.building"))
        {
            var builder = await BuildProgram.FindAsync(task.WorkingDirectory, cancellationToken);
            await builder.BuildAsync(file, context, image, cancellationToken);
            progress.Complete();
        }

        return await images.WithAsync(
            image,
            args.Tag,
            (units, token) =>
                changes.MakeAsync(task, args.Repository, (draft, inner) => draft.AddAsync(units, inner), token),
            cancellationToken
        );
    }

    private static async Task<string> ContainerfileAsync(
        BuildArgs args,
        ITaskContext task,
        string context,
        CancellationToken cancellationToken
    )
    {
        if (args.Containerfile is not { } text)
        {
            return Path.Combine(context, args.ContainerfileName ?? "");
        }

        // Beside the context: a file of that name may be in there.
        var file = Path.Combine(task.WorkingDirectory, "Containerfile");
        await File.WriteAllTextAsync(file, text, cancellationToken);
        return file;
    }

    private static string NewDirectory(ITaskContext task, string name)
    {
        var path = Path.Combine(Path.GetFullPath(task.WorkingDirectory), name);
        return Directory.CreateDirectory(path).FullName;
    }
}
