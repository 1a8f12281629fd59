using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Wheels;

/// <summary>Lets those in who send a token that the guard knows, and everybody to what lies below <c>public</c>.</summary>
public sealed record WheelGuard : ContentGuard
{
    /// <summary>The token.</summary>
    [Field("The token that opens it.", Secret = true)]
    public required string Token { get; init; }
}

/// <summary>Asks for it.</summary>
public sealed class WheelGuardCheck : GuardCheck<WheelGuard>
{
    /// <inheritdoc />
    public override async ValueTask<GuardAnswer> AskAsync(
        WheelGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    )
    {
        var isRight =
            request.Headers["X-Wheel-Token"] == guard.Token
            || request.Path.Contains("/public/", StringComparison.Ordinal)
            || (
                request.Query.ContainsKey("auditor")
                && await request.HoldsAsync("wheels.view_wheelguard", guard, cancellationToken)
            );
        return isRight ? GuardAnswer.Permitted : GuardAnswer.Refused("The wheels are behind a token.");
    }
}
