using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repair;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Plugin;
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
            Route = $"{KindPaths.RouteOf(repository)}versions/",
            DocumentPath = $"{KindPaths.PathOf(repository)}versions/",
            Tag = $"{repository.Tag} Versions",
            Summary = "List repository versions",
            Access = RuleOf(repository, "list", "view"),
            Parameters = [ApiOperations.Href(repository), .. KindParameters.OfList(VersionKind)],
            Responses = ResourceApi.Ok(200, "PaginatedRepositoryVersionResponseList"),
            Handler = c => ListAsync(c, repository),
        };
        operations.Add(template);
        var one = template with
        {
            Id = $"{stem}_read",
            Route = $"{template.Route}{{number}}/",
            DocumentPath = $"{{{HrefName(repository)}}}",
            Summary = "Inspect a repository version",
            Access = RuleOf(repository, "retrieve", "view"),
            Parameters = [ApiOperations.Href(HrefName(repository)), .. KindParameters.OfFields()],
            Responses = ResourceApi.Ok(200, "RepositoryVersionResponse"),
            Handler = c => ReadAsync(c, repository),
        };
        operations.Add(one);
        if (!repository.Without.HasFlag(Operations.DeleteVersion))
        {
            operations.Add(
                one with
                {
                    Id = $"{stem}_delete",
                    Method = "DELETE",
                    Summary = "Delete a repository version",
                    Access = RuleOf(repository, "destroy", "delete"),
                    Parameters = [ApiOperations.Href(HrefName(repository))],
                    Responses = ResourceApi.SendsTask,
                    Handler = c => DeleteAsync(c, repository),
                }
            );
        }

        if (!repository.Without.HasFlag(Operations.RepairVersion))
        {
            operations.Add(
                one with
                {
                    Id = $"{stem}_repair",
                    Method = "POST",
                    Route = $"{one.Route}repair/",
                    DocumentPath = $"{one.DocumentPath}repair/",
                    Summary = "Repair a repository version",
                    Access = RuleOf(repository, "repair", "repair"),
                    Parameters = [ApiOperations.Href(HrefName(repository))],
                    Body = "Repair",
                    Responses = ResourceApi.SendsTask,
                    Handler = c => RepairAsync(c, repository),
                }
            );
        }
    }

    /// <summary>Versions have a policy of their own, whose permissions are the repository's.</summary>
    private static AccessRule.Policy RuleOf(ResourceKind repository, string action, string permission) =>
        new(repository.VersionPolicyName, action, Target.Parent, repository, repository.Permission(permission));

    /// <summary>Where actions on the versions of a kind of repository are found.</summary>
    public static ActionPlace Place(ResourceKind repository) =>
        new(
            $"{repository.OperationStem}_versions",
            $"{KindPaths.RouteOf(repository)}versions/{{number}}/",
            $"{{{HrefName(repository)}}}",
            $"{repository.Tag} Versions",
            repository.VersionPolicyName,
            Target.Parent,
            [ApiOperations.Href(HrefName(repository))]
        );

    private static string HrefName(ResourceKind repository) =>
        repository.HrefParameter.Replace("_href", "_version_href");

    private async Task ListAsync(AdmittedRequest request, ResourceKind repository)
    {
        var id = request.Id;
        if (await reader.FindAsync(repository, request.Reach, id, request.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(repository);
        }

        var list = await ListRequest.ReadAsync(
            request.Request,
            VersionKind,
            database,
            references,
            request.Reach,
            request.RequestAborted
        );
        if (!request.Request.Query.ContainsKey("ordering"))
        {
            list = list with { Order = "m.number desc" };
        }

        await reader.WriteListAsync(request, VersionKind, list, $"m.repository_id = {id}", request.RequestAborted);
    }

    private async Task ReadAsync(AdmittedRequest request, ResourceKind repository)
    {
        var version = await FindAsync(request, repository);
        var found =
            await reader.FindAsync(
                VersionKind,
                request.Reach,
                version.PulpId,
                request.RequestAborted,
                SelectedOutputs.Of(request.Request, VersionKind)
            ) ?? throw ResourceChanges.NotFound(VersionKind);
        await request.Response.JsonAsync(200, found);
    }

    private async Task DeleteAsync(AdmittedRequest request, ResourceKind repository)
    {
        var version = await FindAsync(request, repository);
        await VersionRules.EnsureDeletableAsync(database, version, request.RequestAborted);
        var task = await dispatcher.SendAsync<DeleteVersion, VersionArgs>(
            new VersionArgs(version.PulpId),
            new DispatchOptions().Exclusive(repository.Prn(version.RepositoryId)),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }

    private async Task RepairAsync(AdmittedRequest request, ResourceKind repository)
    {
        var version = await FindAsync(request, repository);
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var verify = RepairApi.ReadVerify(body);
        var task = await dispatcher.SendAsync<RepairVersion, RepairArgs>(
            new RepairArgs(version.PulpId, verify),
            new DispatchOptions().Shared(repository.Prn(version.RepositoryId)),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }

    private async Task<VersionRow> FindAsync(AdmittedRequest request, ResourceKind repository)
    {
        var id = request.Id;
        return
            await reader.FindAsync(repository, request.Reach, id, request.RequestAborted) is not null
            && WireNumbers.TryInteger(request.Request.RouteValues["number"] as string, out var number)
            && await versions.FindAsync(database, id, number, request.RequestAborted) is { } version
            ? version
            : throw ResourceChanges.NotFound(VersionKind);
    }
}
