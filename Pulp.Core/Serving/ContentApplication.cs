using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// The content application: a middleware before everything else, because most requests are for it. A remembered answer costs no
/// query.
/// </summary>
internal sealed class ContentApplication(
    RequestDelegate next,
    DistributionTable table,
    RememberedAnswers remembered,
    AnswerFinder finder,
    FileResponse files,
    OnDemandResponse relay,
    LostFiles lost,
    ContentFailures failures,
    PulpSettings settings
)
{
    /// <summary>How often a place is looked up whose file is gone when it is opened.</summary>
    private const int Attempts = 3;

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

        // The shortest way: the table is current, the answer is remembered and is a stored file.
        if (table.IsCurrent && Match(table.Loaded, path, out var distribution, out var rest))
        {
            if (distribution.State.ContentGuardId is null)
            {
                switch (remembered.Find(distribution, path.AsSpan(rest)))
                {
                    case ServedAnswer.File file:
                        return SentAsync(context, files.SendAsync(context, file, hit: true), distribution, path, rest);
                    case ServedAnswer.NotFound:
                        return context.NotFoundAsync();
                }
            }
        }

        return AnswerOrFailAsync(context, path);
    }

    // Completes at once when the bytes fit into the connection's buffer.
    private async Task SentAsync(
        HttpContext context,
        ValueTask<bool> pending,
        ServedDistribution distribution,
        string path,
        int rest
    )
    {
        try
        {
            if (await pending)
            {
                return;
            }
        }
        catch (Exception error)
        {
            await failures.AnswerAsync(context, path, error);
            return;
        }

        // The file went since its place was remembered.
        remembered.Forget(distribution, path[rest..]);
        await AnswerOrFailAsync(context, path);
    }

    private async Task AnswerOrFailAsync(HttpContext context, string path)
    {
        try
        {
            for (var attempt = 1; !await AnswerAsync(context, path); attempt++)
            {
                if (attempt == Attempts)
                {
                    throw new LostFileException($"{path} was removed each time when its place had been found.");
                }
            }
        }
        catch (Exception error)
        {
            await failures.AnswerAsync(context, path, error);
        }
    }

    /// <summary>False when the file was removed between finding and opening it.</summary>
    private async Task<bool> AnswerAsync(HttpContext context, string path)
    {
        var cancellationToken = context.RequestAborted;
        var current = await table.CurrentAsync(cancellationToken);
        if (!Match(current, path, out var distribution, out var rest))
        {
            await ListDistributionsAsync(context, current, path[_prefix.Length..]);
            return true;
        }

        if (distribution.State.ContentGuardId is not null)
        {
            // A guard that nobody here can ask lets nobody in.
            await context.TextAsync(403, "403: Forbidden: the content guard of this distribution can't be asked.");
            return true;
        }

        var below = path[rest..];
        var known = remembered.Find(distribution, below);
        var answer = known ?? await finder.FindAsync(context, distribution, below);
        var sent = await SendAsync(context, answer, hit: known is not null);
        if (!sent)
        {
            remembered.Forget(distribution, below);
        }

        return sent;
    }

    private async Task<bool> SendAsync(HttpContext context, ServedAnswer answer, bool hit)
    {
        switch (answer)
        {
            case ServedAnswer.File file:
                return await files.SendAsync(context, file, hit) || await lost.SendAsync(context, file);
            case ServedAnswer.OnDemand file:
                await relay.SendAsync(context, file);
                break;
            case ServedAnswer.AddSlash:
                await context.SlashAsync();
                break;
            case ServedAnswer.Listing listing:
                await context.Response.PageAsync(listing.Html);
                break;
            case ServedAnswer.Body body:
                await context.BytesAsync(body.Bytes, body.MediaType);
                break;
            case ServedAnswer.Redirect redirect:
                context.Response.Redirect(redirect.Location);
                break;
            default:
                await context.NotFoundAsync();
                break;
        }

        return true;
    }

    /// <summary>The distribution whose base path the path begins with; base paths never lie inside each other.</summary>
    private bool Match(
        DistributionTable.Table loaded,
        string path,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ServedDistribution? distribution,
        out int rest
    )
    {
        rest = _prefix.Length;
        while (rest < path.Length)
        {
            var slash = path.IndexOf('/', rest);
            rest = slash < 0 ? path.Length : slash;
            if (loaded.ByPath.TryGetValue(path.AsSpan(_prefix.Length, rest - _prefix.Length), out distribution))
            {
                return true;
            }

            rest++;
        }

        distribution = null;
        return false;
    }

    private Task ListDistributionsAsync(HttpContext context, DistributionTable.Table loaded, string directory)
    {
        var entries = new SortedDictionary<string, ListingEntry>(StringComparer.Ordinal);
        var prefix = directory.Length == 0 || directory.EndsWith('/') ? directory : directory + "/";
        foreach (
            var one in loaded.ByBasePath.Values.Where(d =>
                !d.State.Hidden && d.State.BasePath.StartsWith(prefix, StringComparison.Ordinal)
            )
        )
        {
            var below = one.State.BasePath[prefix.Length..];
            var slash = below.IndexOf('/', StringComparison.Ordinal);
            entries.TryAdd((slash < 0 ? below : below[..slash]) + "/", ListingEntry.Directory);
        }

        if (entries.Count == 0 && directory.Length > 0)
        {
            return context.NotFoundAsync();
        }

        return directory.Length > 0 && !directory.EndsWith('/')
            ? context.SlashAsync()
            : context.Response.PageAsync(ListingPage.Make(_prefix + directory, directory.Length == 0, entries));
    }
}
