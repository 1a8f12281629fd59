using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Http;

/// <summary>
/// Every request has a correlation id, the client's where it is a UUID, else one made here: it stands in each log line, in answers of
/// the API and in the tasks that the request starts.
/// </summary>
internal sealed class CorrelationIds(RequestDelegate next, PulpSettings settings, ILogger<CorrelationIds> logger)
{
    public const string Header = "Correlation-ID";

    public Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header];
        var scope = new CorrelationScope(given.Count == 0 ? null : Valid(given.ToString()));

        // Answers of the content application go out without it, as the original's do.
        if (context.Request.Path.Value?.StartsWith(settings.ContentPathPrefix, StringComparison.Ordinal) != true)
        {
            context.Items[typeof(CorrelationIds)] = scope.Id;
            context.Response.Headers[Header] = scope.Id;
            context.Response.Headers["Access-Control-Expose-Headers"] = Header;
            context.Response.Headers.Vary = "Accept";
        }

        var logged = logger.BeginScope(scope);
        var rest = next(context);
        if (!rest.IsCompletedSuccessfully)
        {
            return AwaitedAsync(rest, logged);
        }

        // Most files are sent by now: no state machine for them.
        logged?.Dispose();
        return Task.CompletedTask;
    }

    private static async Task AwaitedAsync(Task rest, IDisposable? logged)
    {
        using (logged)
        {
            await rest;
        }
    }

    private static string? Valid(string given) =>
        Guid.TryParse(given, out var parsed)
            ? parsed.ToString("N") == given
                ? given
                : parsed.ToString()
            : null;

    public static string Of(HttpContext context) => context.Items[typeof(CorrelationIds)] as string ?? "";
}
