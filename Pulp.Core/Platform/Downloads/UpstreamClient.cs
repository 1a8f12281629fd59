using System.Net;
using System.Net.Http.Headers;

namespace Pulp.Core.Platform.Downloads;

/// <summary>
/// Single requests to a remote: no faster than allowed, with its credentials and headers, and with redirects followed. They are
/// followed here because only http and https may be, and because credentials are for nobody but whom the user meant.
/// </summary>
/// <param name="client">Sends them.</param>
/// <param name="home">The remote's own address, whose host alone gets the credentials; null where it has none by http.</param>
/// <param name="headers">Its headers, credentials among them.</param>
/// <param name="authorizer">What its plugin says of credentials.</param>
/// <param name="rate">How fast it may be asked.</param>
internal sealed class UpstreamClient(
    HttpClient client,
    Uri? home,
    IReadOnlyList<(string Name, string Value)> headers,
    UpstreamAuthorizer? authorizer,
    RequestRate rate
) : IDisposable
{
    private const int MostRedirects = 10;

    /// <summary>What follows of a refusal's body isn't read.</summary>
    private const int LongestRefusal = 16 * 1024;

    /// <summary>Headers that tell nothing secret: another host gets them too.</summary>
    private static readonly string[] Harmless =
    [
        "User-Agent",
        "Accept",
        "Accept-Language",
        "If-None-Match",
        "If-Modified-Since",
    ];

    /// <summary>A successful answer, or one that the call takes, of which only the headers have been read.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    /// <exception cref="TransientDownloadException">It could not be had at the moment.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        Uri url,
        UpstreamCall? call,
        ResumePoint? from,
        CancellationToken cancellationToken
    )
    {
        var seen = new List<Uri>();
        var at = url;
        while (true)
        {
            var response = await AuthorizedAsync(at, IsSameHost(home ?? url, at), call, from, cancellationToken);
            if (response.IsSuccessStatusCode || call?.Accepts((int)response.StatusCode) == true)
            {
                return response;
            }

            using (response)
            {
                if (!IsRedirect(response.StatusCode))
                {
                    throw DownloadFailures.Refusal(UpstreamAddress.Shown(at), response);
                }

                seen.Add(at);
                at = Target(at, response);
                if (seen.Count > MostRedirects)
                {
                    throw new UpstreamException(
                        seen.Contains(at)
                            ? $"{UpstreamAddress.Shown(url)} redirects in a circle, again and again to {UpstreamAddress.Shown(at)}."
                            : $"{UpstreamAddress.Shown(url)} redirects more than {MostRedirects} times, at last to {UpstreamAddress.Shown(at)}."
                    )
                    {
                        UpstreamStatus = (int)response.StatusCode,
                    };
                }
            }
        }
    }

    /// <summary>Sends it with what the plugin's authorization says, and once more where that has an answer to a refusal.</summary>
    private async Task<HttpResponseMessage> AuthorizedAsync(
        Uri url,
        bool withCredentials,
        UpstreamCall? call,
        ResumePoint? from,
        CancellationToken cancellationToken
    )
    {
        if (authorizer is null || !withCredentials)
        {
            return await SendAsync(Request(url, withCredentials, call, from), cancellationToken);
        }

        var first = Request(url, withCredentials, call, from);
        await authorizer.AuthorizeAsync(this, first, challenges: [], cancellationToken);
        var response = await SendAsync(first, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        // Tokens may come from the same server: nobody waits for a connection that the refusal still has.
        await DetachAsync(response, cancellationToken);
        var second = Request(url, withCredentials, call, from);
        AuthenticationHeaderValue[] challenges = [.. response.Headers.WwwAuthenticate];
        if (!await authorizer.AuthorizeAsync(this, second, challenges, cancellationToken))
        {
            second.Dispose();
            return response;
        }

        response.Dispose();
        return await SendAsync(second, cancellationToken);
    }

    /// <summary>Takes a refusal's body off its connection, which others can have then.</summary>
    private static async Task DetachAsync(HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        var body = new byte[LongestRefusal];
        using var received = refusal.Content;
        await using var stream = await received.ReadAsStreamAsync(cancellationToken);
        int read;
        try
        {
            read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (IOException error)
        {
            throw new TransientDownloadException("A refusal broke off before its end.", error) { Status = 401 };
        }

        refusal.Content = new ByteArrayContent(body, 0, read);
        refusal.Content.Headers.ContentType = received.Headers.ContentType;
    }

    private HttpRequestMessage Request(Uri url, bool withCredentials, UpstreamCall? call, ResumePoint? from)
    {
        // What is posted is for the host that was asked alone, as credentials are.
        var request = new HttpRequestMessage(call?.Method ?? HttpMethod.Get, url)
        {
            Content = withCredentials ? call?.Content : null,
        };
        foreach (var (name, value) in headers.Where(h => call?.Has(h.Name) != true).Concat(call?.Headers ?? []))
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

        return request;
    }

    /// <summary>Sends a request as it is: what an authorization asks for.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    /// <exception cref="TransientDownloadException">It could not be had at the moment.</exception>
    public async Task<HttpResponseMessage> SendBareAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        var url = UpstreamAddress.Parse(call.Url);
        var request = new HttpRequestMessage(call.Method, url);
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw DownloadFailures.Refusal(UpstreamAddress.Shown(url), response);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var sent = request;
        await rate.WaitAsync(cancellationToken);

        var shown = request.RequestUri is { } url ? UpstreamAddress.Shown(url) : "";
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
            throw new UpstreamException($"{UpstreamAddress.Shown(from)} redirects ({status}) without saying where to.")
            {
                UpstreamStatus = status,
            };
        }

        return target.Scheme is "http" or "https"
            ? target
            : throw new UpstreamException(
                $"{UpstreamAddress.Shown(from)} redirects to a '{target.Scheme}:' address; only http and https are followed."
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
