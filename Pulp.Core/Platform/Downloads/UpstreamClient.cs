using System.Net;
using System.Net.Http.Headers;

namespace Pulp.Core.Platform.Downloads;

/// <summary>
/// Single requests to a remote: no faster than allowed, with its credentials and headers, and with redirects followed. They are
/// followed here because only http and https may be, and because credentials are for nobody but whom the user meant.
/// </summary>
internal sealed class UpstreamClient(
    HttpClient client,
    IReadOnlyList<(string Name, string Value)> headers,
    RequestRate rate
) : IDisposable
{
    private const int MostRedirects = 10;

    /// <summary>Headers of the user's that tell nothing secret: another host gets them too.</summary>
    private static readonly string[] Harmless = ["User-Agent", "Accept", "Accept-Language"];

    /// <summary>A successful answer, of which only the headers have been read.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    /// <exception cref="TransientDownloadException">It could not be had at the moment.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri url, ResumePoint? from, CancellationToken cancellationToken)
    {
        var seen = new List<Uri>();
        var at = url;
        while (true)
        {
            var response = await SendAsync(at, IsSameHost(url, at), from, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (!IsRedirect(response.StatusCode))
                {
                    throw DownloadFailures.Refusal(Downloader.SafeUrl(at), response);
                }

                seen.Add(at);
                at = Target(at, response);
                if (seen.Count > MostRedirects)
                {
                    throw new UpstreamException(
                        seen.Contains(at)
                            ? $"{Downloader.SafeUrl(url)} redirects in a circle, again and again to {Downloader.SafeUrl(at)}."
                            : $"{Downloader.SafeUrl(url)} redirects more than {MostRedirects} times, at last to {Downloader.SafeUrl(at)}."
                    )
                    {
                        UpstreamStatus = (int)response.StatusCode,
                    };
                }
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        Uri url,
        bool withCredentials,
        ResumePoint? from,
        CancellationToken cancellationToken
    )
    {
        await rate.WaitAsync(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            if (withCredentials || Harmless.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (from is not null)
        {
            request.Headers.Range = new RangeHeaderValue(from.Offset, null);
            request.Headers.IfRange = from.Condition;
        }

        var shown = Downloader.SafeUrl(url);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw new TransientDownloadException($"{shown} can't be reached: {DownloadFailures.Reason(error)}.", error);
        }
        catch (TaskCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientDownloadException($"{shown} didn't answer in time.", error) { TimedOut = true };
        }
    }

    private static bool IsRedirect(HttpStatusCode status) =>
        status
            is HttpStatusCode.MovedPermanently
                or HttpStatusCode.Found
                or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect
                or HttpStatusCode.PermanentRedirect;

    private static Uri Target(Uri from, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (response.Headers.Location is not { } location || !Uri.TryCreate(from, location, out var target))
        {
            throw new UpstreamException($"{Downloader.SafeUrl(from)} redirects ({status}) without saying where to.")
            {
                UpstreamStatus = status,
            };
        }

        return target.Scheme is "http" or "https"
            ? target
            : throw new UpstreamException(
                $"{Downloader.SafeUrl(from)} redirects to a '{target.Scheme}:' address; only http and https are followed."
            )
            {
                UpstreamStatus = status,
            };
    }

    /// <summary>Whether both are one server; the change from http to https on the usual ports is none.</summary>
    private static bool IsSameHost(Uri one, Uri two) =>
        string.Equals(one.IdnHost, two.IdnHost, StringComparison.OrdinalIgnoreCase)
        && (
            (one.Scheme == two.Scheme && one.Port == two.Port)
            || (one is { Scheme: "http", IsDefaultPort: true } && two is { Scheme: "https", IsDefaultPort: true })
        );

    public void Dispose() => client.Dispose();
}
