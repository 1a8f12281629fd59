using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Lets those in whom the policy of such guards lets download: as it is shipped, holders of the permission to.</summary>
internal sealed class RbacCheck : GuardCheck<RBACContentGuard>
{
    public const string Action = "download";
    public const string Permission = "core.download_rbaccontentguard";
    private static readonly GuardAnswer Unknown = GuardAnswer.Refused("Authentication credentials were not provided.");
    private static readonly GuardAnswer NotAllowed = GuardAnswer.Refused(new ForbiddenException().Message);

    public override async ValueTask<GuardAnswer> AskAsync(
        RBACContentGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    ) =>
        await request.MayAsync(Action, guard, cancellationToken) ? GuardAnswer.Permitted
        : await request.CallerAsync(cancellationToken) is null ? Unknown
        : NotAllowed;
}
