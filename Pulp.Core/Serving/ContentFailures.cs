using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// What clients of the content application, and of plugins' routes, get when something is thrown on the way to their answer. What
/// a plugin refuses is told; of a server's fault nothing but its status.
/// </summary>
internal sealed partial class ContentFailures(DiskFaults disks, ILogger<ContentFailures> logger)
{
    public async Task AnswerAsync(HttpContext context, string path, Exception error)
    {
        if (error is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            LogGone(path);
            return;
        }

        if (context.Response.HasStarted)
        {
            // Cut the connection: the client must not take what it has for the whole.
            LogCut(path, error.Message);
            context.Abort();
            return;
        }

        var known = DiskException.Known(error);
        var status = known?.Status ?? (error as BadHttpRequestException)?.StatusCode ?? 500;
        var reason = ReasonPhrases.GetReasonPhrase(status);
        Log(path, error, known, status);
        context.Response.ClearForError();
        AddHeaders(context.Response.Headers, known);

        // A source's refusal is told in a header: to most clients it is a file that isn't there.
        var message = status < 500 && known is not (null or NoSourceException) ? known.Message : reason;
        await context.RefuseAsync(status, message, known, $"{status}: {message}");
    }

    private static void AddHeaders(IHeaderDictionary headers, PulpException? known)
    {
        if (known?.RetryAfter is { } wait)
        {
            headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (known is NoSourceException)
        {
            headers["X-PULP-ERROR"] = new string([.. known.Message.Where(c => c is >= ' ' and <= '~')]);
        }
    }

    private void Log(string path, Exception error, PulpException? known, int status)
    {
        switch (error)
        {
            case DatabaseUnavailableException or NoSourceException:
                // The database has said so, once for all; and the sources' failures are in the log one by one.
                break;
            case Exception when known is DiskException disk:
                disks.Note(disk, path, error.Message);
                break;
            case Exception when status < 500:
                LogRefused(path, error.Message);
                break;
            case PulpException:
                LogFault(path, error.Message);
                break;
            default:
                LogFailed(path, error);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} went away")]
    private partial void LogGone(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer to {Path} broke off: {Reason}")]
    private partial void LogCut(string path, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Path} was refused: {Reason}")]
    private partial void LogRefused(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} can't be served: {Reason}")]
    private partial void LogFault(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} could not be served")]
    private partial void LogFailed(string path, Exception error);
}
