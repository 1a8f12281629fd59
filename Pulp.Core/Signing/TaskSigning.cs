using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Signing;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Signing;

/// <summary>Signs for the task it is asked in.</summary>
internal sealed class TaskSigning(RequestOrigin origin) : ISigningServices
{
    public Task<byte[]> SignAsync(
        SigningService service,
        SigningOrder order,
        ITaskContext task,
        CancellationToken cancellationToken
    ) => SigningScript.SignAsync(service, order, task.WorkingDirectory, origin.Value.CorrelationId, cancellationToken);
}
