using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Policies;

/// <summary>Brings policies back to what is shipped.</summary>
internal sealed class AccessPolicyApi(
    ApiOperations operations,
    Database database,
    ShippedAccess shipped,
    ResourceReader reader
)
{
    public void Map(ResourceKind kind) =>
        operations.Add(
            new Operation
            {
                Id = "access_policies_reset",
                Method = "POST",
                Route = $"{ResourceApi.RouteOf(kind)}reset/",
                DocumentPath = $"{ResourceApi.PathOf(kind)}reset/",
                Tag = kind.Tag,
                Summary = "Reset an access policy to its uncustomized default value",
                Access = kind.Rule("reset", "change"),
                Parameters = [ApiOperations.Href(kind)],
                Responses = ResourceApi.Ok(200, $"{kind.SchemaName}Response"),
                Handler = request => ResetAsync(request, kind),
            }
        );

    private async Task ResetAsync(AdmittedRequest request, ResourceKind kind)
    {
        var cancellationToken = request.RequestAborted;
        await database.InTransactionAsync(
            async tx =>
            {
                var name =
                    await tx.FirstOrDefaultAsync<string>(
                        $"select viewset_name from core_accesspolicy where pulp_id = {request.Id}",
                        cancellationToken
                    ) ?? throw ResourceChanges.NotFound(kind);
                if (!await shipped.ResetAsync(tx, name, cancellationToken))
                {
                    throw new ConflictException($"Nothing is shipped as '{name}': its plugin isn't installed.");
                }
            },
            cancellationToken
        );
        var policy =
            await reader.FindAsync(kind, request.Reach, request.Key, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.JsonAsync(200, policy);
    }
}
