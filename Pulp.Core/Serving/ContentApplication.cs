using System.Text;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>
/// The content application: a middleware before everything else, because most requests are for it. A remembered answer costs no
/// query.
/// </summary>
internal sealed partial class ContentApplication(
    RequestDelegate next,
    DistributionTable table,
    PathLookup lookup,
    RememberedAnswers remembered,
    ReadAhead readAhead,
    FileResponse files,
    OnDemandResponse relay,
    PluginCatalog plugins,
    ResourceStore store,
    Database database,
    IServiceProvider services,
    PulpSettings settings,
    ILogger<ContentApplication> logger
)
{
    private static readonly byte[] NotFoundText = "404: Not Found"u8.ToArray();
    private readonly string _prefix = settings.ContentPathPrefix;

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!path.StartsWith(_prefix, StringComparison.Ordinal))
        {
            return path.Length == _prefix.Length - 1 && _prefix.StartsWith(path, StringComparison.Ordinal)
                ? SlashAsync(context)
                : next(context);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return TextAsync(context, 405, "405: Method Not Allowed");
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
                        return TextAsync(context, 404, NotFoundText);
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
            if (!await pending)
            {
                // The file went since its place was remembered.
                remembered.Forget(distribution, path[rest..]);
                await AnswerOrFailAsync(context, path);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(path);
        }
    }

    private async Task AnswerOrFailAsync(HttpContext context, string path)
    {
        try
        {
            await AnswerAsync(context, path);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(path);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            if (error is DatabaseUnavailableException)
            {
                // The database has said so, once for all.
                context.Response.Headers.RetryAfter = "5";
                await TextAsync(context, 503, "503: Service Unavailable");
                return;
            }

            LogFailed(path, error);
            await TextAsync(context, 500, "500: Internal Server Error");
        }
        catch (Exception error)
        {
            // Cut the connection: the client must not take what it has for the whole.
            LogFailed(path, error);
            context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context, string path)
    {
        var cancellationToken = context.RequestAborted;
        var current = await table.CurrentAsync(cancellationToken);
        if (!Match(current, path, out var distribution, out var rest))
        {
            await ListDistributionsAsync(context, current, path[_prefix.Length..]);
            return;
        }

        if (distribution.State.ContentGuardId is not null)
        {
            // A guard that nobody here can ask lets nobody in.
            await TextAsync(context, 403, "403: Forbidden: the content guard of this distribution can't be asked.");
            return;
        }

        var below = path[rest..];
        if (remembered.Find(distribution, below) is { } known)
        {
            await SendAsync(context, known, distribution, hit: true);
            return;
        }

        var answer = await FindAsync(context, distribution, below);
        if (answer is ServedAnswer.File or ServedAnswer.NotFound or ServedAnswer.AddSlash or ServedAnswer.Listing)
        {
            remembered.Keep(distribution, below, answer);
        }

        await SendAsync(context, answer, distribution, hit: false);
    }

    private async Task<ServedAnswer> FindAsync(HttpContext context, ServedDistribution distribution, string below)
    {
        var state = distribution.State;
        var handlerType = plugins.Distribution(state.PulpType)?.Handler;
        if (below.Length > 0 && handlerType is not null)
        {
            var handler = (IContentHandler)services.GetRequiredService(handlerType);
            var found = (Distribution?)
                await store.FindByMasterAsync(database, typeof(Distribution), state.PulpId, context.RequestAborted);
            var version = state is { VersionId: { } id, RepositoryId: { } repository, VersionNumber: { } number }
                ? new RepositoryVersionRef(id, repository, number)
                : null;
            var own = found is null
                ? null
                : await handler.AnswerAsync(
                    new ContentRequest(found, below.TrimStart('/'), version, context.Request.Headers.Accept),
                    context.RequestAborted
                );
            if (own is not null)
            {
                return await ConvertAsync(own, state, below, context.RequestAborted);
            }
        }

        // The path begins with the slash behind the base path; only a directory's ends with one.
        var answer = await lookup.FindAsync(state, below is "" or "/" ? below : below[1..], context.RequestAborted);
        if (answer is ServedAnswer.File && handlerType is null)
        {
            readAhead.LookedUp(distribution);
        }

        return answer;
    }

    private async Task<ServedAnswer> ConvertAsync(
        ContentAnswer answer,
        ServedState state,
        string below,
        CancellationToken cancellationToken
    ) =>
        answer switch
        {
            ContentAnswer.Stored stored => await lookup.FindArtifactAsync(
                state,
                stored.ArtifactId,
                below,
                stored.MediaType,
                cancellationToken
            ),
            ContentAnswer.Bytes bytes => new ServedAnswer.Body(bytes.Body, bytes.MediaType),
            ContentAnswer.Redirect redirect => new ServedAnswer.Redirect(redirect.Location),
            ContentAnswer.Listing listing => new ServedAnswer.Listing(
                DirectoryListings.Html(
                    state.BasePath + below,
                    listing.Entries.ToDictionary(
                        e => e,
                        _ => new DirectoryListings.Entry(null, null),
                        StringComparer.Ordinal
                    )
                )
            ),
            _ => throw new InvalidOperationException($"The answer {answer.GetType().Name} isn't known."),
        };

    private async Task SendAsync(HttpContext context, ServedAnswer answer, ServedDistribution distribution, bool hit)
    {
        switch (answer)
        {
            case ServedAnswer.File file:
                if (!await files.SendAsync(context, file, hit))
                {
                    LogMissing(file.Path);
                    await TextAsync(context, 404, NotFoundText);
                }

                break;
            case ServedAnswer.OnDemand file:
                if (!await relay.SendAsync(context, file))
                {
                    await TextAsync(context, 404, NotFoundText);
                }

                break;
            case ServedAnswer.AddSlash:
                await SlashAsync(context);
                break;
            case ServedAnswer.Listing listing:
                await BytesAsync(context, listing.Html, "text/html; charset=utf-8");
                break;
            case ServedAnswer.Body body:
                await BytesAsync(context, body.Bytes, body.MediaType);
                break;
            case ServedAnswer.Redirect redirect:
                context.Response.Redirect(redirect.Location);
                break;
            default:
                await TextAsync(context, 404, NotFoundText);
                break;
        }
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
        var entries = new SortedDictionary<string, DirectoryListings.Entry>(StringComparer.Ordinal);
        var prefix = directory.Length == 0 || directory.EndsWith('/') ? directory : directory + "/";
        foreach (
            var one in loaded.ByBasePath.Values.Where(d =>
                !d.State.Hidden && d.State.BasePath.StartsWith(prefix, StringComparison.Ordinal)
            )
        )
        {
            var below = one.State.BasePath[prefix.Length..];
            var slash = below.IndexOf('/', StringComparison.Ordinal);
            entries.TryAdd((slash < 0 ? below : below[..slash]) + "/", new DirectoryListings.Entry(null, null));
        }

        if (entries.Count == 0 && directory.Length > 0)
        {
            return TextAsync(context, 404, NotFoundText);
        }

        return directory.Length > 0 && !directory.EndsWith('/')
            ? SlashAsync(context)
            : BytesAsync(context, DirectoryListings.Html(directory, entries), "text/html; charset=utf-8");
    }

    private static Task SlashAsync(HttpContext context)
    {
        context.Response.StatusCode = 301;
        context.Response.Headers.Location =
            context.Request.Path.ToUriComponent() + "/" + context.Request.QueryString.ToUriComponent();
        return Task.CompletedTask;
    }

    private static Task TextAsync(HttpContext context, int status, string text) =>
        TextAsync(context, status, Encoding.UTF8.GetBytes(text));

    private static Task TextAsync(HttpContext context, int status, byte[] text)
    {
        context.Response.StatusCode = status;
        return BytesAsync(context, text, "text/plain; charset=utf-8");
    }

    private static Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.BodyWriter.WriteAsync(bytes).AsTask();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} went away")]
    private partial void LogGone(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} could not be served")]
    private partial void LogFailed(string path, Exception error);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The stored file {Path} is missing; repair fetches it anew where it can"
    )]
    private partial void LogMissing(string path);
}
