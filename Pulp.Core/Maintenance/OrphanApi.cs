using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>Asks for the cleaning.</summary>
internal sealed class OrphanApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    References references,
    TaskDispatcher dispatcher
) : IOperations
{
    public void Map()
    {
        operations.Schema(
            "OrphansCleanup",
            Schemas.Of([
                (
                    "content_hrefs",
                    Schemas.Array(
                        Schemas.Text(),
                        "Will delete specified content and associated Artifacts if they are orphans."
                    )
                ),
                (
                    "orphan_protection_time",
                    Schemas
                        .Integer("The time in minutes for how long Pulp will hold orphan Content and Artifacts.")
                        .Between(0, uint.MaxValue)
                        .OrNull()
                ),
            ])
        );
        var cleanup = new Operation
        {
            Id = "orphans_cleanup_cleanup",
            Method = "POST",
            Route = ResourceKind.ApiRoot + "orphans/cleanup/",
            Tag = "Orphans: Cleanup",
            Summary = "Clean up orphans",
            Access = new AccessRule.Policy("orphans", "cleanup", Target.None, Kind: null, Permission: ""),
            Body = "OrphansCleanup",
            Responses = ResourceApi.SendsTask,
            Handler = CleanupAsync,
        };
        operations.Add(cleanup);
        operations.Add(
            cleanup with
            {
                Id = "orphans_delete",
                Method = "DELETE",
                Route = ResourceKind.ApiRoot + "orphans/",
                Tag = "Orphans",
                Summary = "Delete orphans",
                Body = null,
                Handler = request => SendAsync(request, new OrphanArgs(null, null)),
            }
        );
    }

    private async Task CleanupAsync(AdmittedRequest request)
    {
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["content_hrefs", "orphan_protection_time"], errors);
        var minutes = RequestFields.Integer(body, "orphan_protection_time", errors, 0, uint.MaxValue);
        var (content, _) = await new ContentReferences(database, registry, store, references).ReadAsync(
            body,
            "content_hrefs",
            request.Reach,
            errors,
            request.RequestAborted
        );
        var given = body.TryGet("content_hrefs", out var hrefs) && !hrefs.IsNull;
        if (given && content.Count == 0 && errors.IsEmpty)
        {
            errors.Add("content_hrefs", "This field must be either null or a non-empty list.");
        }

        errors.ThrowIfAny();
        await SendAsync(request, new OrphanArgs(given ? content : null, minutes));
    }

    private async Task SendAsync(AdmittedRequest request, OrphanArgs args)
    {
        var task = await dispatcher.SendAsync<OrphanCleanup, OrphanArgs>(
            args,
            new DispatchOptions().Exclusive(DomainResource.Prn(request.Reach, "orphans")),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }
}
