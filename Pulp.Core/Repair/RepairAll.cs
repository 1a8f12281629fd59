using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repair;

internal sealed record RepairAllArgs(bool VerifyChecksums);

/// <summary>Checks all files, and fetches anew what is broken.</summary>
[PulpTask("pulpcore.app.tasks.repository.repair_all_artifacts")]
internal sealed class RepairAll(ArtifactRepair repair) : PulpTask<RepairAllArgs>
{
    public override async Task<object?> RunAsync(
        RepairAllArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await repair.RunAsync(
            $"pulp_domain_id = {TaskContext.Of(task).Domain.Id}",
            args.VerifyChecksums,
            task,
            cancellationToken
        );
        return null;
    }
}

/// <summary>Repairs everything on request.</summary>
internal sealed class RepairApi(ApiOperations operations, TaskDispatcher dispatcher) : IOperations
{
    public void Map()
    {
        operations.Schema(
            "Repair",
            Schemas.Of([
                (
                    "verify_checksums",
                    Schemas.Boolean(
                        "Will verify that the checksum of all stored files matches what saved in the database."
                    )
                ),
            ])
        );
        operations.Add(
            new Operation
            {
                Id = "repair_post",
                Method = "POST",
                Route = ResourceKind.ApiRoot + "repair/",
                Tag = "Repair",
                Summary = "Repair artifact storage",
                Access = new AccessRule.Policy("repair", "repair", Target.None, Kind: null, Permission: ""),
                Body = "Repair",
                Responses = ResourceApi.SendsTask,
                Handler = async request =>
                {
                    await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
                    var task = await dispatcher.SendAsync<RepairAll, RepairAllArgs>(
                        new RepairAllArgs(ReadVerify(body)),
                        new DispatchOptions().Exclusive(DomainResource.Prn(request.Reach, "repair")),
                        request.Origin,
                        request.RequestAborted
                    );
                    await request.Response.TaskAsync(task);
                },
            }
        );
    }

    public static bool ReadVerify(RequestBody body)
    {
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["verify_checksums"], errors);
        var verify = RequestFields.Boolean(body, "verify_checksums", otherwise: true, errors);
        errors.ThrowIfAny();
        return verify;
    }
}
