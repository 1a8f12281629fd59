using System.Net.Sockets;

namespace Pulp.Core.Platform.Downloads;

/// <summary>A failure that may pass.</summary>
internal sealed class TransientDownloadException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the upstream asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The upstream's HTTP status, where it answered.</summary>
    public int? Status { get; init; }

    /// <summary>It took too long, and nothing else is known to be wrong.</summary>
    public bool TimedOut { get; init; }
}

/// <summary>What went wrong with an upstream, in words.</summary>
internal static class DownloadFailures
{
    /// <summary>An answer that is neither the file nor a redirect.</summary>
    public static Exception Refusal(string url, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var message = $"{url} answered {status} {response.ReasonPhrase}.";
        return status is 408 or 429 or >= 500
            ? new TransientDownloadException(message)
            {
                Status = status,
                RetryAfter = RetryAfter(response),
                TimedOut = status is 408 or 504,
            }
            : new UpstreamException(message) { UpstreamStatus = status };
    }

    /// <summary>No answer at all.</summary>
    public static string Reason(HttpRequestException error)
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return socket.Message;
            }
        }

        return error.HttpRequestError switch
        {
            HttpRequestError.ResponseEnded => "the connection was closed before an answer came",
            HttpRequestError.InvalidResponse => "what it sends is no HTTP answer",
            HttpRequestError.SecureConnectionError => "no secure connection: "
                + (error.InnerException?.Message ?? error.Message),
            HttpRequestError.ProxyTunnelError => "the proxy doesn't connect to it",
            _ => error.InnerException?.Message ?? error.Message,
        };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - response.Headers.Date);
        return wait is { Ticks: > 0 } delay
            ? TimeSpan.FromTicks(Math.Min(delay.Ticks, TimeSpan.FromMinutes(5).Ticks))
            : null;
    }
}
