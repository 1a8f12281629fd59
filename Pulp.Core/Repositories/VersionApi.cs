using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>Versions below each repository: list, read, delete, repair.</summary>
internal sealed class VersionApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceReader reader,
    References references,
    Versions versions,
    TaskDispatcher dispatcher
)
{
    private ResourceKind VersionKind => registry.For<RepositoryVersionRecord>();

    public void Map(ResourceKind repository)
    {
        operations.Schema(
            "ContentSummaryResponse",
            Schemas.Of(
                [
                    ("added", Schemas.Map(Schemas.Object())),
                    ("removed", Schemas.Map(Schemas.Object())),
                    ("present", Schemas.Map(Schemas.Object())),
                ],
                "added",
                "present",
                "removed"
            )
        );
        var stem = $"{repository.OperationStem}_versions";
        var template = new Operation
        {
            Id = $"{stem}_list",
            Method = "GET",
            Route = $"{ResourceApi.RouteOf(repository)}versions/",
            Path = $"{ResourceApi.PathOf(repository)}versions/",
            Tag = $"{repository.Tag} Versions",
            Summary = "List repository versions",
            Access = new AccessRule.Permission(repository.Permission("view")),
            Parameters = [ApiOperations.Href(repository), .. ResourceApi.ListParameters(VersionKind)],
            Responses = ResourceApi.Ok(200, "PaginatedRepositoryVersionResponseList"),
            Handler = c => ListAsync(c, repository),
        };
        operations.Add(template);
        var one = template with
        {
            Id = $"{stem}_read",
            Route = $"{template.Route}{{number}}/",
            Path = $"{{{HrefName(repository)}}}",
            Summary = "Inspect a repository version",
            Parameters = [ApiOperations.Href(HrefName(repository)), .. ResourceApi.FieldParameters()],
            Responses = ResourceApi.Ok(200, "RepositoryVersionResponse"),
            Handler = c => ReadAsync(c, repository),
        };
        operations.Add(one);
        operations.Add(
            one with
            {
                Id = $"{stem}_delete",
                Method = "DELETE",
                Summary = "Delete a repository version",
                Access = new AccessRule.Permission(repository.Permission("delete")),
                Parameters = [ApiOperations.Href(HrefName(repository))],
                Responses = ResourceApi.Ok(202, "AsyncOperationResponse"),
                Handler = c => DeleteAsync(c, repository),
            }
        );
        operations.Add(
            one with
            {
                Id = $"{stem}_repair",
                Method = "POST",
                Route = $"{one.Route}repair/",
                Path = $"{one.Path}repair/",
                Summary = "Repair a repository version",
                Access = new AccessRule.Permission(repository.Permission("repair")),
                Parameters = [ApiOperations.Href(HrefName(repository))],
                Body = "Repair",
                Responses = ResourceApi.Ok(202, "AsyncOperationResponse"),
                Handler = c => RepairAsync(c, repository),
            }
        );
    }

    private static string HrefName(ResourceKind repository) =>
        repository.HrefParameter.Replace("_href", "_version_href");

    private async Task ListAsync(HttpContext context, ResourceKind repository)
    {
        var id = ResourceApi.IdOf(context, repository);
        if (await reader.FindAsync(repository, id, context.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(repository);
        }

        var list = await ListRequest.ReadAsync(
            context.Request,
            VersionKind,
            database,
            references,
            context.RequestAborted
        );
        if (!context.Request.Query.ContainsKey("ordering"))
        {
            list = list with { Order = "m.number desc" };
        }

        await reader.WriteListAsync(context, VersionKind, list, $"m.repository_id = {id}", context.RequestAborted);
    }

    private async Task ReadAsync(HttpContext context, ResourceKind repository)
    {
        var version = await FindAsync(context, repository);
        var found =
            await reader.FindAsync(
                VersionKind,
                $"m.pulp_id = {version.PulpId}",
                ListRequest.Members(context.Request, VersionKind),
                context.RequestAborted
            ) ?? throw ResourceChanges.NotFound(VersionKind);
        await context.Response.JsonAsync(200, found);
    }

    private async Task DeleteAsync(HttpContext context, ResourceKind repository)
    {
        var version = await FindAsync(context, repository);
        await VersionRules.EnsureDeletableAsync(database, version, context.RequestAborted);
        var task = await dispatcher.SendAsync<DeleteVersion, VersionArgs>(
            new VersionArgs(version.PulpId),
            new DispatchOptions().Exclusive(repository.Prn(version.RepositoryId)),
            ResourceApi.OriginOf(context),
            context.RequestAborted
        );
        await context.Response.TaskAsync(task);
    }

    private async Task RepairAsync(HttpContext context, ResourceKind repository)
    {
        var version = await FindAsync(context, repository);
        await using var body = await RequestBody.ReadAsync(context.Request, files: null, context.RequestAborted);
        var verify = RepairApi.ReadVerify(body);
        var task = await dispatcher.SendAsync<RepairVersion, RepairArgs>(
            new RepairArgs(version.PulpId, verify),
            new DispatchOptions().Shared(repository.Prn(version.RepositoryId)),
            ResourceApi.OriginOf(context),
            context.RequestAborted
        );
        await context.Response.TaskAsync(task);
    }

    private async Task<VersionRow> FindAsync(HttpContext context, ResourceKind repository)
    {
        var id = ResourceApi.IdOf(context, repository);
        return
            await reader.FindAsync(repository, id, context.RequestAborted) is not null
            && WireNumbers.TryInteger(context.Request.RouteValues["number"] as string, out var number)
            && await versions.FindAsync(database, id, number, context.RequestAborted) is { } version
            ? version
            : throw ResourceChanges.NotFound(VersionKind);
    }
}
