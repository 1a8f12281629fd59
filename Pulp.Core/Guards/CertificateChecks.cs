using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Lets those in who have a certificate of the guard's authority.</summary>
internal sealed class X509Check(ClientCertificates certificates) : GuardCheck<X509CertGuard>
{
    public override ValueTask<GuardAnswer> AskAsync(
        X509CertGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    )
    {
        var outcome = certificates.Verify(guard, request);
        return ValueTask.FromResult(outcome.Good is null ? GuardAnswer.Refused(outcome.Fault) : GuardAnswer.Permitted);
    }
}

/// <summary>Lets those in whose certificate entitles them to the path.</summary>
internal sealed class RhsmCheck(ClientCertificates certificates) : GuardCheck<RHSMCertGuard>
{
    private static readonly GuardAnswer NotEntitled = GuardAnswer.Refused(
        "Requested path is not a subpath of a path in the client certificate."
    );

    public override ValueTask<GuardAnswer> AskAsync(
        RHSMCertGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    )
    {
        var outcome = certificates.Verify(guard, request);
        return ValueTask.FromResult(
            outcome.Good is not { } good ? GuardAnswer.Refused(outcome.Fault)
            : good.Paths?.Hold(request.Path) == true ? GuardAnswer.Permitted
            : NotEntitled
        );
    }
}
