using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Modules;

/// <summary>
/// Makes the modules' kinds known to the server, in two steps: first all are registered, then each is completed, because generic
/// lists and references need to know the others.
/// </summary>
internal sealed class KindSetup(ModuleCatalog catalog, ResourceRegistry registry, IServiceProvider services)
{
    private bool _declared;

    /// <summary>Completes the kinds; needed by every role, because tasks and content use them too.</summary>
    public void Declare()
    {
        if (_declared)
        {
            return;
        }

        _declared = true;
        catalog.Kinds.ForEach(registry.Add);
        foreach (var kind in registry.All)
        {
            kind.Complete(registry, services);
        }
    }

    /// <summary>Puts the operations of the kinds and of the modules into the API.</summary>
    public void MapApi()
    {
        var api = services.GetRequiredService<ResourceApi>();
        var operations = services.GetRequiredService<ApiOperations>();
        var nested = services.GetRequiredService<NestedPaths>();
        operations.Schema("AsyncOperationResponse", Schemas.Of([("task", Schemas.Uri())], "task"));
        operations.Schema("TaskGroupOperationResponse", Schemas.Of([("task_group", Schemas.Uri())], "task_group"));
        foreach (var kind in registry.All)
        {
            api.Map(kind);
            kind.Operations?.Invoke(kind, services);
            nested.Check(kind);
        }

        catalog.Operations.ForEach(find => find(services).Map());
    }
}
