using Pulp.Core.Plugins;

namespace Pulp.Core.Rights;

/// <summary>The server's own policies that are no kind's.</summary>
internal static class CorePolicies
{
    /// <summary>Signing in, and one's own account.</summary>
    public const string Login = "login";

    public static IReadOnlyList<NamedPolicy> All { get; } = [new(Login, AccessPolicy.Of(AccessStatement.Allow(["*"])))];
}
