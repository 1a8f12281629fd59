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
            kind.Verb(
                "POST",
                "reset",
                kind.Rule("reset", "change"),
                "Reset an access policy to its uncustomized default value",
                request => ResetAsync(request, kind)
            ) with
            {
                Responses = ResourceApi.Ok(200, $"{kind.SchemaName}Response"),
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
