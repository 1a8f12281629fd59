using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Tasks;

namespace PulpPython.Repositories;

/// <summary>Reads the metadata of a repository's packages anew.</summary>
internal static class RepairAction
{
    public static async Task<ActionAnswer> RunAsync(
        ActionRequest<PythonRepository, NoBody> request,
        CancellationToken cancellationToken
    ) =>
        ActionAnswer.Started(
            await request.Tasks.SendAsync<RepairTask, RepairArgs>(
                new RepairArgs(request.Resource.PulpId),
                new DispatchOptions().Exclusive(
                    request.Services.GetRequiredService<IResourceNames>(),
                    request.Resource
                ),
                cancellationToken
            )
        );
}
