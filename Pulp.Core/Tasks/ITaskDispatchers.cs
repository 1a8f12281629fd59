using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>Makes the dispatchers that plugins get.</summary>
internal interface ITaskDispatchers
{
    ITaskDispatcher For(TaskOrigin origin);
}
