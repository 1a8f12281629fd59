using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpPython.Packages;
using PulpPython.Remotes;

namespace PulpPython.Repositories;

/// <summary>Arguments of <see cref="RepairTask"/>.</summary>
internal sealed record RepairArgs(Guid Repository);

/// <summary>
/// Reads the metadata of the packages of the latest version from their files, or of those that aren't stored from their index, corrects what is stored, and adds the metadata file that
/// a wheel lacks. No version is made: the packages are the same.
/// </summary>
[PulpTask("pulp_python.app.tasks.repair.repair")]
internal sealed class RepairTask(
    IRepositoryVersions versions,
    IContents contents,
    IArtifacts artifacts,
    IResources resources,
    UpstreamCorrections corrections
) : PulpTask<RepairArgs>
{
    public override async Task<object?> RunAsync(
        RepairArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await using var progress = task.Progress("Repairing packages' metadata", "repair.metadata");
        var repaired = 0;
        if (await versions.LatestAsync(args.Repository, cancellationToken) is { } latest)
        {
            await foreach (
                var package in versions.ContentAsync<PythonPackageContent>(latest, where: null, cancellationToken)
            )
            {
                if (await RepairAsync(package, task, cancellationToken) is { } isRepaired)
                {
                    repaired += isRepaired ? 1 : 0;
                    progress.Increment();
                }
            }

            var remote = await RemoteAsync(args.Repository, cancellationToken);
            repaired += await corrections.RunAsync(latest, remote, task, progress, cancellationToken);
        }

        if (repaired > 0)
        {
            // Pages that were made of the old metadata are made anew.
            await contents.TellChangedAsync(CancellationToken.None);
        }

        progress.Complete();
        return null;
    }

    private async Task<PythonRemote?> RemoteAsync(Guid repository, CancellationToken cancellationToken) =>
        (await resources.FindAsync<PythonRepository>(repository, cancellationToken))?.Remote is { } remote
            ? await resources.FindAsync<PythonRemote>(remote, cancellationToken)
            : null;

    /// <summary>Whether something had to be corrected; null when the file isn't stored.</summary>
    private async Task<bool?> RepairAsync(
        PythonPackageContent package,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var files = await contents.FilesAsync(package.PulpId, cancellationToken);
        if (!files.TryGetValue(package.Filename, out var artifact))
        {
            return null;
        }

        var file = await ReadAsync(package, artifact, task, cancellationToken);
        if (file is null)
        {
            return false;
        }

        var isCorrected = await PackageCorrection.SaveAsync(task.Db, package, file.Content, cancellationToken);
        var lacksMetadata =
            file.Metadata is not null && !files.ContainsKey(package.Filename + PackageFile.MetadataSuffix);
        if (lacksMetadata)
        {
            await AddMetadataAsync(file, artifact, cancellationToken);
        }

        return isCorrected || lacksMetadata;
    }

    private async Task<PackageFile?> ReadAsync(
        PythonPackageContent package,
        Artifact artifact,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var stream = await artifacts.OpenAsync(artifact, cancellationToken);
            return await PackageFile.ReadAsync(
                package.Filename,
                stream,
                artifact.Sha256,
                artifact.Size,
                cancellationToken
            );
        }
        catch (Exception error) when (error is ValidationException or NotFoundException)
        {
            // One bad file is told, and the others are repaired.
            task.Warn("repair.unreadable", $"{package.Filename}: {error.Message}");
            return null;
        }
    }

    private async Task AddMetadataAsync(PackageFile file, Artifact artifact, CancellationToken cancellationToken)
    {
        StagedFile? metadata = null;
        try
        {
            var declared = await file.DeclareAsync(
                path => new DeclaredArtifact(path, artifact),
                async body => metadata = await artifacts.StageAsync(body, FileExpectation.None, cancellationToken)
            );
            await contents.SaveAsync([declared], from: null, cancellationToken);
        }
        finally
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
            }
        }
    }
}
