using System.IO.Compression;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>Where the profiles of a task are found, and the profiles.</summary>
internal sealed class ProfileApi(
    ApiOperations operations,
    ResourceRegistry registry,
    ResourceReader reader,
    TaskProfiles profiles,
    ProfileLinks links
) : IOperations
{
    public void Map()
    {
        var kind = registry.For<TaskRecord>();
        operations.Schema("ProfileArtifactResponse", Schemas.Of([("urls", Schemas.Map(Schemas.Uri()))], "urls"));
        operations.Add(
            kind.Verb(
                "GET",
                "profile_artifacts",
                kind.Rule("profile_artifacts") with
                {
                    Permission = "core.view_task_profile_artifacts",
                },
                "Fetch downloadable links for profile artifacts",
                request => LinksAsync(request, kind)
            ) with
            {
                Parameters = [ApiOperations.Href(kind), .. KindParameters.OfFields()],
                Responses = ResourceApi.Ok(200, "ProfileArtifactResponse"),
            }
        );
    }

    private async Task LinksAsync(AdmittedRequest request, ResourceKind kind)
    {
        var task = request.Id;
        if (await reader.FindAsync(kind, request.Reach, task, request.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(kind);
        }

        var names = await profiles.NamesAsync(task, request.RequestAborted);
        var urls = names.ToDictionary(name => name, name => links.Make(request.Request, task, name));
        await request.Response.JsonAsync(200, new { urls });
    }

    /// <summary>Answers whoever has a link.</summary>
    public static async Task DownloadAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var name = context.Request.RouteValues["name"] as string ?? "";
        if (!Guid.TryParseExact(context.Request.RouteValues["task"] as string, "D", out var task))
        {
            throw new NotFoundException();
        }

        services.GetRequiredService<ProfileLinks>().Check(context.Request, task, name);
        var packed =
            await services.GetRequiredService<TaskProfiles>().FindPackedAsync(task, name, context.RequestAborted)
            ?? throw new NotFoundException();
        context.Response.ContentType =
            name == CpuProfiles.ProfileName ? "application/octet-stream" : "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-store";
        await using var unpacked = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        await unpacked.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
