using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Core.Rights;

/// <summary>Makes what users see.</summary>
internal sealed class Sights(PolicyBook policies, ResourceRegistry registry, DomainDirectory domains)
{
    /// <summary>What a user sees who isn't an administrator.</summary>
    public async ValueTask<Sight> OfAsync(Caller caller, Guid domain, CancellationToken cancellationToken)
    {
        var state = await policies.StateAsync(cancellationToken);
        var holder = await state.HolderAsync(caller.Id, cancellationToken);

        // Without domains of their own, roles given for one count for nothing, as in Pulp.
        var within = domains.IsNamed ? domain : Guid.Empty;
        return new Sight(caller, holder, state, within, policies.Of(state), registry);
    }
}
