using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Platform.Downloads;

/// <summary>A plugin's request on its way, with what is known of its answer.</summary>
internal sealed class UpstreamCall
{
    private readonly UpstreamRequest _request;

    /// <exception cref="UpstreamException">It can't be sent.</exception>
    public UpstreamCall(UpstreamRequest request)
    {
        _request = request;
        Method = request.Method switch
        {
            "GET" => HttpMethod.Get,
            "HEAD" => HttpMethod.Head,
            "POST" when request.Json is not null => HttpMethod.Post,
            var other => throw new UpstreamException(
                $"'{other}' is no method for an upstream; GET, HEAD and POST of JSON are."
            ),
        };
        Headers = [.. All(request)];
    }

    public string Url => _request.Url;

    /// <summary>What is posted; made anew for each attempt.</summary>
    public HttpContent? Content =>
        Method == HttpMethod.Post
            ? new StringContent(_request.Json ?? "", System.Text.Encoding.UTF8, "application/json")
            : null;

    private Uri? _answeredBy;

    /// <summary>Where the answer came from, redirects followed.</summary>
    public string AnsweredUrl => _answeredBy?.AbsoluteUri ?? Url;

    public HttpMethod Method { get; }

    public bool IsHead => Method == HttpMethod.Head;

    public IReadOnlyList<(string Name, string Value)> Headers { get; }

    /// <summary>The body of a HEAD isn't there to be checked.</summary>
    public Expectation Expected => IsHead ? Expectation.None : Expectation.Of(_request.Expected);

    public bool Has(string header) => Headers.Any(h => h.Name.Equals(header, StringComparison.OrdinalIgnoreCase));

    public int Status { get; private set; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public IReadOnlyDictionary<string, string> Answered { get; private set; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public bool Accepts(int status) =>
        _request.Answers.Contains(status)
        || (status == 304 && (_request.IfNoneMatch is not null || _request.IfModifiedSince is not null));

    public void Take(int status) => Status = status;

    public void Take(HttpResponseMessage response)
    {
        // A resumed body is one with what came before.
        Status = (int)response.StatusCode == 206 ? 200 : (int)response.StatusCode;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            headers[name] = string.Join(", ", values);
        }

        Answered = headers;
        _answeredBy = response.RequestMessage?.RequestUri;
    }

    private static IEnumerable<(string, string)> All(UpstreamRequest request)
    {
        if (request.Accept.Count > 0)
        {
            yield return ("Accept", string.Join(", ", request.Accept));
        }

        if (request.IfNoneMatch is { } tag)
        {
            yield return ("If-None-Match", tag);
        }

        if (request.IfModifiedSince is { } since)
        {
            yield return ("If-Modified-Since", since.ToString("R"));
        }

        foreach (var (name, value) in request.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            yield return (name, value);
        }
    }
}
