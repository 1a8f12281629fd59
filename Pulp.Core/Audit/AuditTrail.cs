using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Memory;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Audit;

/// <summary>Notes what requests to the API and to plugins' routes changed, and which were refused. It waits for nothing.</summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog log, TimeProvider clock)
{
    private const int LongestPath = 1_000;

    /// <summary>Of one address in a minute: whoever tries things by the thousand doesn't fill the log with it.</summary>
    private const int MostRefusals = 60;
    private readonly RecentlyUsed<string, (long Minute, int Count)> _refusals = new(capacity: 10_000);

    public async Task InvokeAsync(HttpContext context)
    {
        // The client may have its answer, and send its next request, before this one is noted.
        var began = clock.GetUtcNow();
        try
        {
            await next(context);
        }
        finally
        {
            if (log.IsOn && KindOf(context) is { } kind)
            {
                log.Add(Event(context, kind, began));
            }
        }
    }

    private string? KindOf(HttpContext context)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        if (status is 401 or 403)
        {
            // Without credentials a 401 is the question for them.
            var isTried = status == 403 || request.Headers.Authorization.Count > 0;
            return isTried && MayNoteRefusal(AddressOf(context)) ? AuditEvent.Refusal : null;
        }

        var isSafe =
            HttpMethods.IsGet(request.Method)
            || HttpMethods.IsHead(request.Method)
            || HttpMethods.IsOptions(request.Method);
        return isSafe || status >= 400 ? null
            : HttpMethods.IsPost(request.Method) && request.Path == ResourceKind.ApiRoot + "login/" ? AuditEvent.SignIn
            : AuditEvent.Change;
    }

    private bool MayNoteRefusal(string address)
    {
        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        return _refusals.Put(address, known => known.Minute == minute ? (minute, known.Count + 1) : (minute, 1)).Count
            <= MostRefusals;
    }

    private static AuditEvent Event(HttpContext context, string kind, DateTimeOffset began)
    {
        var caller = CallerIdentity.CallerOf(context);

        // Without the query: a signed link carries its signature there.
        var path = context.RequestedPath();
        return new AuditEvent
        {
            PulpId = Ids.New(began),
            PulpCreated = began,
            PulpLastUpdated = began,
            Kind = kind,
            Username = caller?.Username,
            WithToken = caller?.TokenId is not null,
            Method = context.Request.Method,
            Path = path.Length > LongestPath ? path[..LongestPath] : path,
            Status = context.Response.StatusCode,
            Address = AddressOf(context),
            CorrelationId = CorrelationIds.Of(context),
        };
    }

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
