using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Core.Rights;

/// <summary>What somebody wants to do that is no operation of the API.</summary>
/// <param name="Caller">Who; null for nobody.</param>
/// <param name="Policy">The policy that says whether they may.</param>
/// <param name="Action">In Pulp's words.</param>
/// <param name="On">The resource; null where it is done to none.</param>
/// <param name="Domain">The domain that it is in.</param>
/// <param name="IsSafe">Whether nothing is changed by it.</param>
internal readonly record struct OtherAction(
    Caller? Caller,
    string Policy,
    string Action,
    PulpResource? On,
    DomainScope Domain,
    bool IsSafe
)
{
    /// <summary>What is sent; null for nothing.</summary>
    public RequestBody? Body { get; init; }
}

/// <summary>Asks policies about actions that are no operations of the API, such as downloading what a guard keeps.</summary>
internal sealed class OtherActions(PolicyBook policies, ResourceRegistry registry)
{
    /// <summary>The name of the policy of a kind.</summary>
    public string PolicyOf(Type record) => registry.For(record).PolicyName;

    /// <summary>Whether the policy in force allows it. Conditions on what is sent allow nothing where nothing is.</summary>
    public async ValueTask<bool> MayAsync(OtherAction wanted, CancellationToken cancellationToken)
    {
        if (wanted is { Caller.MayOnlyRead: true, IsSafe: false })
        {
            return false;
        }

        var (policy, state) = await policies.OfAsync(wanted.Policy, cancellationToken);
        var asked = new AskedRequest
        {
            Caller = wanted.Caller,
            State = state,
            Reach = Reach.Of(wanted.Domain, wanted.Caller?.Id),
            Action = wanted.Action,
            IsSafe = wanted.IsSafe,
            Object = wanted.On is { } on ? (registry.For(on.GetType()), on.PulpId) : null,
            AtHand = wanted.On,
            Body = wanted.Body,
        };
        return await policy.JudgeAsync(asked, cancellationToken) is { Allowed: true, NeedsBody: false };
    }
}
