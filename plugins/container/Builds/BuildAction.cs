using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Names;
using PulpContainer.Repositories;

namespace PulpContainer.Builds;

/// <summary>Checks at once what a task is to build.</summary>
internal static class BuildAction
{
    private const int LargestContainerfile = 1024 * 1024;

    public static async Task<ActionAnswer> StartAsync(
        ActionRequest<ContainerRepository, OCIBuildImage> request,
        CancellationToken cancellationToken
    )
    {
        var body = request.Body;
        Check(body);
        var context = body.BuildContext is { } version ? await ContextAsync(request, version, cancellationToken) : null;
        var args = new BuildArgs(
            request.Resource.PulpId,
            context,
            string.IsNullOrEmpty(body.Containerfile) ? null : body.Containerfile,
            body.ContainerfileName,
            body.Tag
        );
        if (context is not null)
        {
            await BuildContext.CheckAsync(request.Db, context, args, cancellationToken);
        }

        return ActionAnswer.Started(
            await request.Tasks.SendAsync<BuildTask, BuildArgs>(
                args,
                new DispatchOptions().Exclusive(
                    request.Services.GetRequiredService<IResourceNames>(),
                    request.Resource
                ),
                cancellationToken
            )
        );
    }

    private static void Check(OCIBuildImage body)
    {
        if (string.IsNullOrEmpty(body.Containerfile) == string.IsNullOrEmpty(body.ContainerfileName))
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                "Exactly one of 'containerfile' or 'containerfile_name' must be specified."
            );
        }

        if (!string.IsNullOrEmpty(body.ContainerfileName) && body.BuildContext is null)
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                "A 'build_context' must be specified when 'containerfile_name' is present."
            );
        }

        if (body.Containerfile?.Length > LargestContainerfile)
        {
            throw new ValidationException("containerfile", $"It is larger than {LargestContainerfile} characters.");
        }

        if (!ImageName.IsTag(body.Tag))
        {
            throw new ValidationException("tag", "This is not a tag.");
        }
    }

    /// <summary>The version whose files are used. One that who asks may not see was refused when the body was read.</summary>
    private static async Task<RepositoryVersionRef> ContextAsync(
        ActionRequest<ContainerRepository, OCIBuildImage> request,
        Guid version,
        CancellationToken cancellationToken
    )
    {
        var row = await request.Db.FirstOrDefaultAsync<Row>(
            $"""
            select v.pulp_id, v.repository_id, v.number from core_repositoryversion v
              join core_repository r on r.pulp_id = v.repository_id
             where v.pulp_id = {version} and r.pulp_type = 'file.file' and v.complete = {true}
            """,
            cancellationToken
        );
        return row is null
            ? throw new ValidationException("build_context", "This is not a version of a file repository.")
            : new RepositoryVersionRef(row.PulpId, row.RepositoryId, row.Number);
    }

    private sealed record Row
    {
        public Guid PulpId { get; init; }

        public Guid RepositoryId { get; init; }

        public long Number { get; init; }
    }
}
