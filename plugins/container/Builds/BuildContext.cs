using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using PulpContainer.Registry;

namespace PulpContainer.Builds;

/// <summary>The files that a Containerfile may use: those of a version of a file repository.</summary>
internal static class BuildContext
{
    /// <exception cref="ValidationException">The Containerfile isn't among them, or a file wasn't fetched yet.</exception>
    public static async Task CheckAsync(
        IDb db,
        RepositoryVersionRef version,
        BuildArgs args,
        CancellationToken cancellationToken
    )
    {
        var files = await FilesAsync(db, version, cancellationToken);
        if (files.Any(file => file.Sha256 is null))
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                "It is not possible to use File content synced with on-demand policy without pulling the data first."
            );
        }

        if (args.Containerfile is null && files.All(file => file.RelativePath != args.ContainerfileName))
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                $"Could not find the Containerfile \"{args.ContainerfileName}\" in the build_context provided"
            );
        }
    }

    /// <summary>Copies the files below a directory.</summary>
    public static async Task WriteAsync(
        IDb db,
        IArtifacts artifacts,
        RepositoryVersionRef version,
        string directory,
        CancellationToken cancellationToken
    )
    {
        foreach (var file in await FilesAsync(db, version, cancellationToken))
        {
            var path = Path.GetFullPath(Path.Combine(directory, file.RelativePath));
            var artifact = file.Sha256 is null ? null : await artifacts.FindAsync(file.Sha256, cancellationToken);
            if (artifact is null || !path.StartsWith(directory + "/", StringComparison.Ordinal))
            {
                throw new ConflictException($"The file '{file.RelativePath}' of the build context can't be had.");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? directory);
            await using var from = await artifacts.OpenAsync(artifact, cancellationToken);
            await using var to = File.Create(path);
            await from.CopyToAsync(to, cancellationToken);
        }
    }

    private static Task<IReadOnlyList<ContextFile>> FilesAsync(
        IDb db,
        RepositoryVersionRef version,
        CancellationToken cancellationToken
    ) =>
        db.QueryAsync<ContextFile>(
            $"""
            select ca.relative_path, a.sha256 from core_repositorycontent rc
              join core_content c on c.pulp_id = rc.content_id and c.pulp_type = 'file.file'
              join core_contentartifact ca on ca.content_id = c.pulp_id
              left join core_artifact a on a.pulp_id = ca.artifact_id
             where {InVersion.Holds(version)} order by c.pulp_id
            """,
            cancellationToken
        );

    private sealed record ContextFile
    {
        public string RelativePath { get; init; } = "";

        public string? Sha256 { get; init; }
    }
}
