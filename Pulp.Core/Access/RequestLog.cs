using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>One line for each request, in a category of its own.</summary>
internal sealed partial class RequestLog(RequestDelegate next, TimeProvider clock, ILoggerFactory loggers)
{
    public const string Category = "Pulp.Requests";
    private readonly ILogger _logger = loggers.CreateLogger(Category);

    public Task InvokeAsync(HttpContext context) =>
        _logger.IsEnabled(LogLevel.Information) ? LoggedAsync(context) : next(context);

    private async Task LoggedAsync(HttpContext context)
    {
        var start = clock.GetTimestamp();
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var counted = new CountedBody(body);
        context.Features.Set<IHttpResponseBodyFeature>(counted);
        try
        {
            await next(context);
        }
        finally
        {
            context.Features.Set(body);

            // Without the query: a signed link carries its signature there.
            LogRequest(
                context.Request.Method,
                context.RequestedPath(),
                context.Response.StatusCode,
                counted.Bytes,
                clock.GetElapsedTime(start).TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture),
                CallerIdentity.CallerOf(context)?.Username ?? "-",
                context.Connection.RemoteIpAddress?.ToString() ?? "-"
            );
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Method} {Path} {Status} {Bytes} B {Milliseconds} ms {User} {Client}"
    )]
    private partial void LogRequest(
        string method,
        string path,
        int status,
        long bytes,
        string milliseconds,
        string user,
        string client
    );
}
