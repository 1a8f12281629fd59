using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Tasks;

namespace Pulp.PluginSdk.Signing;

/// <summary>Has files signed, by the scripts of signing services. They are found as other resources are, by <c>IResources</c>.</summary>
[Experimental(Unsettled.Signing)]
public interface ISigningServices
{
    /// <summary>
    /// Runs a service's script in the task's directory: <c>script file</c>, with what is asked for in its environment. Whether the
    /// signature is right isn't looked at.
    /// </summary>
    /// <param name="service">Who signs.</param>
    /// <param name="order">What.</param>
    /// <param name="task">The task it is done for.</param>
    /// <param name="cancellationToken">Ends the script.</param>
    /// <returns>The bytes of the signature.</returns>
    /// <exception cref="ProgramException">The script fails, takes too long, or doesn't say where the signature is.</exception>
    Task<byte[]> SignAsync(
        SigningService service,
        SigningOrder order,
        ITaskContext task,
        CancellationToken cancellationToken
    );
}
