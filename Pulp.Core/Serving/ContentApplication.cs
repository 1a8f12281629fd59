using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// The content application: a middleware before everything else, because most requests are for it. Each goes through four steps:
/// its distribution is matched, the guard asked, the answer found, and sent. What is remembered goes through all of them without
/// waiting.
/// </summary>
internal sealed class ContentApplication(
    RequestDelegate next,
    DistributionTable table,
    DistributionListing distributions,
    Delivery delivery,
    ContentFailures failures,
    PulpSettings settings
)
{
    private readonly string _prefix = settings.ContentPathPrefix;

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!path.StartsWith(_prefix, StringComparison.Ordinal))
        {
            return path.Length == _prefix.Length - 1 && _prefix.StartsWith(path, StringComparison.Ordinal)
                ? context.SlashAsync()
                : next(context);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return context.TextAsync(405, "405: Method Not Allowed");
        }

        return AnswerAsync(context, path);
    }

    private async Task AnswerAsync(HttpContext context, string path)
    {
        try
        {
            for (var attempt = 1; !await TryAsync(context, path); attempt++)
            {
                Delivery.ThrowIfLast(attempt, path);
            }
        }
        catch (Exception error)
        {
            await failures.AnswerAsync(context, path, error);
        }
    }

    /// <summary>False when the file was removed between finding and opening it: its path may have another answer now.</summary>
    private async ValueTask<bool> TryAsync(HttpContext context, string path)
    {
        var loaded = table.IsCurrent ? table.Loaded : await table.CurrentAsync(context.RequestAborted);
        if (loaded.Find(path.AsSpan(_prefix.Length), out var rest) is { } distribution)
        {
            return await delivery.TryAsync(context, distribution, path, _prefix.Length + rest);
        }

        await distributions.SendAsync(context, loaded, path[_prefix.Length..]);
        return true;
    }
}
