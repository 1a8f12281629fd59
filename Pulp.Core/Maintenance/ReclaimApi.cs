using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>Asks for it.</summary>
internal sealed class ReclaimApi(
    ApiOperations operations,
    Database database,
    ResourceStore store,
    ResourceRegistry registry,
    References references,
    TaskDispatcher dispatcher
) : IOperations
{
    public void Map()
    {
        operations.Schema(
            "ReclaimSpace",
            Schemas.Of(
                [
                    (
                        "repo_hrefs",
                        Schemas.Array(
                            Schemas.Text(),
                            "Will reclaim space for the specified list of repos. Use ['*'] for all."
                        )
                    ),
                    (
                        "repo_versions_keeplist",
                        Schemas.Array(Schemas.Uri(), "Will exclude repo versions from space reclaim.")
                    ),
                ],
                "repo_hrefs"
            )
        );
        operations.Add(
            new Operation
            {
                Id = "repositories_reclaim_space_reclaim",
                Method = "POST",
                Route = ResourceKind.ApiRoot + "repositories/reclaim_space/",
                Tag = "Repositories: Reclaim_Space",
                Summary = "Reclaim disk space",
                Access = new AccessRule.Policy(
                    "repositories/reclaim_space",
                    "reclaim",
                    Target.None,
                    Kind: null,
                    Permission: ""
                ),
                Body = "ReclaimSpace",
                Responses = ResourceApi.SendsTask,
                Handler = ReclaimAsync,
            }
        );
    }

    private async Task ReclaimAsync(AdmittedRequest request)
    {
        var cancellationToken = request.RequestAborted;
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["repo_hrefs", "repo_versions_keeplist"], errors);
        var repositories = await ReadAsync(
            body,
            "repo_hrefs",
            typeof(Repository),
            required: true,
            request.Reach,
            errors,
            cancellationToken
        );
        var keep = await ReadAsync(
            body,
            "repo_versions_keeplist",
            typeof(RepositoryVersionRef),
            required: false,
            request.Reach,
            errors,
            cancellationToken
        );
        errors.ThrowIfAny();
        var options = new DispatchOptions();
        foreach (var id in repositories)
        {
            if (
                await store.FindByMasterAsync(database, typeof(Repository), request.Reach, id, cancellationToken) is
                { } repository
            )
            {
                options.Exclusive(registry.Prn(repository));
            }
        }

        if (repositories.Count == 0)
        {
            options.Exclusive(DomainResource.Prn(request.Reach, "reclaim_space"));
        }

        var task = await dispatcher.SendAsync<ReclaimSpace, ReclaimArgs>(
            new ReclaimArgs(repositories, keep),
            options,
            request.Origin,
            cancellationToken
        );
        await request.Response.TaskAsync(task);
    }

    private async Task<IReadOnlyList<Guid>> ReadAsync(
        RequestBody body,
        string name,
        Type expected,
        bool required,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (!body.TryGet(name, out var given) || given.IsNull)
        {
            if (required)
            {
                errors.Add(name, "This field is required.");
            }

            return [];
        }

        if (given.AsTexts() is not { } texts || (required && texts.Count == 0))
        {
            errors.Add(name, "Must not be [].");
            return [];
        }

        if (required && texts.Contains("*"))
        {
            return await database.QueryAsync<Guid>(
                $"select pulp_id from core_repository where pulp_domain_id = {reach.Domain}",
                cancellationToken
            );
        }

        var ids = new List<Guid>();
        foreach (var text in texts)
        {
            if (await references.ResolveAsync(expected, text, reach, cancellationToken) is { } id)
            {
                ids.Add(id);
            }
            else
            {
                errors.Add(name, $"URI {FilterInput.Shorten(text)} not found.");
            }
        }

        return ids;
    }
}
