using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>What clients of the content application get when something is thrown on the way to their answer.</summary>
internal sealed partial class ContentFailures(ILogger<ContentFailures> logger)
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

        context.Response.Clear();
        var known = DiskException.Known(error);
        var status = known?.Status ?? 500;
        if (known?.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds)
                .ToString(CultureInfo.InvariantCulture);
        }

        switch (error)
        {
            case DatabaseUnavailableException:
                // The database has said so, once for all.
                break;
            case NoSourceException none:
                context.Response.Headers["X-PULP-ERROR"] = new string([
                    .. none.Message.Where(c => c is >= ' ' and <= '~'),
                ]);
                break;
            case Exception when known is DiskException:
                LogDisk(path, known.Message, error.Message);
                break;
            case PulpException:
                LogRefused(path, error.Message);
                break;
            default:
                LogFailed(path, error);
                break;
        }

        await context.TextAsync(status, $"{status}: {ReasonPhrases.GetReasonPhrase(status)}");
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} went away")]
    private partial void LogGone(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer to {Path} broke off: {Reason}")]
    private partial void LogCut(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} can't be served: {Reason}")]
    private partial void LogRefused(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} can't be served: {Message} {Reason}")]
    private partial void LogDisk(string path, string message, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} could not be served")]
    private partial void LogFailed(string path, Exception error);
}
