using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Lets those in who come by a link that the server signed.</summary>
internal sealed class RedirectCheck(SignedLinks links) : GuardCheck<ContentRedirectContentGuard>
{
    public override ValueTask<GuardAnswer> AskAsync(
        ContentRedirectContentGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    ) =>
        ValueTask.FromResult(
            links.Fault(guard, request.FullPath, request.QueryString) is { } fault
                ? GuardAnswer.Refused(fault)
                : GuardAnswer.Permitted
        );
}
