using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Tenancy;
using Pulp.Core.Rights;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Asks a distribution's guard whether a request may have what is below it.</summary>
internal sealed class ContentGuards(
    ContentCallers callers,
    PermissionHolders holders,
    OtherActions others,
    DomainDirectory domains,
    ResourceRegistry registry,
    TrustedProxies proxies,
    PulpSettings settings
)
{
    private readonly string _prefix = settings.ContentPathPrefix;

    private ContentCallers Callers => callers;

    private PermissionHolders Holders => holders;

    private OtherActions Others => others;

    private DomainDirectory Domains => domains;

    private ResourceRegistry Registry => registry;

    private TrustedProxies Proxies => proxies;

    /// <summary>Why the guard doesn't let the request in; null where it does.</summary>
    /// <param name="context">The request.</param>
    /// <param name="guard">The guard; null for one that nobody here knows.</param>
    /// <param name="domain">The domain that both are of.</param>
    public async ValueTask<string?> RefusalAsync(HttpContext context, ServedGuard? guard, Guid domain)
    {
        if (guard is null)
        {
            return ServedGuard.CannotBeAsked;
        }

        var request = new AskedRequest(this, context, domain);
        return (await guard.AskAsync(request, context.RequestAborted)).Refusal;
    }

    /// <summary>A request as guards see it.</summary>
    private sealed class AskedRequest(ContentGuards guards, HttpContext context, Guid domain) : GuardedRequest
    {
        private bool _isIdentified;
        private Caller? _caller;

        public override string Path =>
            context.Request.Path.Value is not { } path ? ""
            : path.StartsWith(guards._prefix, StringComparison.Ordinal) ? path[guards._prefix.Length..]
            : path.TrimStart('/');

        public override string FullPath => context.Request.Path.Value ?? "";

        public override IHeaderDictionary Headers => context.Request.Headers;

        public override IQueryCollection Query => context.Request.Query;

        public override string QueryString => context.Request.QueryString.Value ?? "";

        public override bool IsFromTrustedProxy => guards.Proxies.HaveSent(context);

        public override async ValueTask<Caller?> CallerAsync(CancellationToken cancellationToken)
        {
            if (!_isIdentified)
            {
                _caller = await guards.Callers.FindAsync(context);
                _isIdentified = true;
            }

            return _caller;
        }

        public override async ValueTask<bool> HoldsAsync(
            string permission,
            PulpResource? on,
            CancellationToken cancellationToken
        ) =>
            await guards.Holders.HoldsAsync(
                await CallerAsync(cancellationToken),
                permission,
                domain,
                on is null ? null : (guards.Registry.For(on.GetType()), on.PulpId),
                cancellationToken
            );

        public override async ValueTask<bool> MayAsync(
            string action,
            PulpResource on,
            CancellationToken cancellationToken
        ) =>
            await guards.Others.MayAsync(
                new OtherAction(
                    await CallerAsync(cancellationToken),
                    guards.Others.PolicyOf(on.GetType()),
                    action,
                    on,
                    guards.Domains.Known(domain) ?? guards.Domains.Default,
                    IsSafe: true
                ),
                cancellationToken
            );
    }
}
