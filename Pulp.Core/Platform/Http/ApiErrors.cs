using System.Globalization;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Http;

/// <summary>Turns what is thrown on the way to an API answer into the wire's error shapes. The only place that does.</summary>
internal sealed partial class ApiErrors(RequestDelegate next, Storage.DiskFaults disks, ILogger<ApiErrors> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(context.Request.Method, context.Request.Path);
        }
        catch (Exception error)
        {
            if (context.Response.HasStarted)
            {
                LogCut(context.Request.Method, context.Request.Path, error);
                context.Abort();
                return;
            }

            await AnswerAsync(context, error);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        var response = context.Response;
        response.ClearForError();
        switch (error)
        {
            case ValidationException validation:
                await response.JsonAsync(400, validation.Messages);
                break;
            case ShapedException shaped:
                await response.JsonAsync(shaped.Status, shaped.Body);
                break;
            case FieldlessException fieldless:
                await response.JsonAsync(400, new[] { fieldless.Message });
                break;
            case InvalidFilterException filters:
                await response.JsonAsync(400, new { errors = filters.Messages });
                break;
            case PulpException known:
                await RefuseAsync(response, known);
                break;
            case BadHttpRequestException bad:
                await response.DetailAsync(
                    bad.StatusCode,
                    bad.StatusCode == 413 ? "The request is too large." : "The request can't be read."
                );
                break;
            case Exception when Storage.DiskException.From(error) is { } disk:
                disks.Note(disk, $"{context.Request.Method} {context.Request.Path}", error.Message);
                await RefuseAsync(response, disk);
                break;
            default:
                LogUnexpected(context.Request.Method, context.Request.Path, error);
                await response.DetailAsync(500, "An internal error occurred.");
                break;
        }
    }

    private static Task RefuseAsync(HttpResponse response, PulpException error)
    {
        if (error.RetryAfter is { TotalSeconds: var seconds })
        {
            response.Headers.RetryAfter = seconds.ToString("0", CultureInfo.InvariantCulture);
        }

        return response.DetailAsync(error.Status, error.Message);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Method} {Path} went away")]
    private partial void LogGone(string method, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "The answer to {Method} {Path} broke off")]
    private partial void LogCut(string method, PathString path, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
    private partial void LogUnexpected(string method, PathString path, Exception error);
}

/// <summary>What is wrong with a request but belongs to none of its fields: the wire has it in a bare list.</summary>
internal sealed class FieldlessException(string message) : PulpException(message)
{
    public override string Code => "PLP0400";

    public override int Status => 400;
}

/// <summary>Something wrong whose messages the wire nests in a way of its own.</summary>
internal abstract class ShapedException(string message) : PulpException(message)
{
    public abstract object Body { get; }

    public override string Code => "PLP0403";

    public override int Status => 400;
}

/// <summary>A base path that overlaps another's: the original nests its message twice.</summary>
internal sealed class OverlapException(string other) : ShapedException($"Overlaps with existing distribution '{other}'")
{
    public override object Body => new { base_path = new { base_path = Message } };
}

/// <summary>Asked for too much: 429, with the time to wait.</summary>
internal sealed class ThrottledException(TimeSpan wait) : PulpException(Text(InSeconds(wait)))
{
    public override string Code => "PLP0429";

    public override int Status => 429;

    public override TimeSpan? RetryAfter { get; } = TimeSpan.FromSeconds(InSeconds(wait));

    private static int InSeconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));

    private static string Text(int seconds) =>
        $"Request was throttled. Expected available in {seconds} second{(seconds == 1 ? "" : "s")}.";
}
