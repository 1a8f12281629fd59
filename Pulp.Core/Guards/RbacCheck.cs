using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Lets those in who hold the permission to download, on the guard or anywhere.</summary>
internal sealed class RbacCheck : GuardCheck<RBACContentGuard>
{
    public const string Permission = "core.download_rbaccontentguard";
    private static readonly GuardAnswer Unknown = GuardAnswer.Refused("Authentication credentials were not provided.");
    private static readonly GuardAnswer NotAllowed = GuardAnswer.Refused(new ForbiddenException().Message);

    public override async ValueTask<GuardAnswer> AskAsync(
        RBACContentGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    ) =>
        await request.CallerAsync(cancellationToken) is null ? Unknown
        : await request.HoldsAsync(Permission, guard, cancellationToken) ? GuardAnswer.Permitted
        : NotAllowed;
}
