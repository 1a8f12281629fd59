using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Core.Rights;

/// <summary>Asks policies about actions that are no operations of the API, such as downloading what a guard keeps.</summary>
internal sealed class OtherActions(PolicyBook policies, ResourceRegistry registry)
{
    /// <summary>Whether the policy in force of a resource's kind allows the action. Conditions on what is sent allow nothing: nothing is.</summary>
    /// <param name="caller">Who; null for nobody.</param>
    /// <param name="action">In Pulp's words.</param>
    /// <param name="on">The resource.</param>
    /// <param name="domain">The domain that it is in.</param>
    /// <param name="isSafe">Whether nothing is changed by it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async ValueTask<bool> MayAsync(
        Caller? caller,
        string action,
        PulpResource on,
        DomainScope domain,
        bool isSafe,
        CancellationToken cancellationToken
    )
    {
        if (caller is { MayOnlyRead: true } && !isSafe)
        {
            return false;
        }

        var kind = registry.For(on.GetType());
        var (policy, state) = await policies.OfAsync(kind.PolicyName, cancellationToken);
        var asked = new AskedRequest
        {
            Caller = caller,
            State = state,
            Reach = Reach.Of(domain, caller?.Id),
            Action = action,
            IsSafe = isSafe,
            Object = (kind, on.PulpId),
        };
        return await policy.JudgeAsync(asked, cancellationToken) is { Allowed: true, NeedsBody: false };
    }
}
