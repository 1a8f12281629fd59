using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Upstreams;

namespace PulpPython.Sync;

/// <summary>What an index answers when it is asked for a project.</summary>
internal abstract record ProjectAnswer
{
    private ProjectAnswer() { }

    /// <summary>What was there when it was asked before.</summary>
    public sealed record Unchanged : ProjectAnswer;

    /// <summary>It has none of that name.</summary>
    public sealed record Missing : ProjectAnswer;

    /// <summary>Its page.</summary>
    /// <param name="Page">The page.</param>
    /// <param name="Tag">What tells this page from others: the entity tag, or the digest where the index sends none.</param>
    public sealed record Found(SimplePage Page, string Tag) : ProjectAnswer;
}

/// <summary>
/// Asks an index: PyPI, another Pulp, or any simple index. Its address is that of the simple index itself or, as for PyPI, of what
/// is above it.
/// </summary>
/// <param name="url">The remote's address.</param>
/// <param name="fetch">Sends a request with the remote's credentials and limits.</param>
internal sealed class IndexClient(string url, Func<UpstreamRequest, CancellationToken, Task<UpstreamAnswer>> fetch)
{
    /// <summary>PyPI's list of all projects has a fifth of it.</summary>
    private const long LargestPage = 256L * 1024 * 1024;

    /// <summary>After as many refusals without one answer it isn't asked for details any more.</summary>
    private const int MostRefusals = 5;

    private const string DigestPrefix = "sha256:";
    private static readonly int[] MayBeMissing = [404, 410];
    private readonly string[] _roots = Roots(url);
    private volatile string? _root;
    private volatile bool _hasDetails;
    private int _refusals;

    /// <summary>A project's page.</summary>
    /// <param name="project">Normalized.</param>
    /// <param name="tag">That of the page that was seen last; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">It can't be had or read.</exception>
    public async Task<ProjectAnswer> ProjectAsync(string project, string? tag, CancellationToken cancellationToken)
    {
        foreach (var root in _root is { } known ? [known] : _roots)
        {
            var request = Request(Below(root, $"{project}/"), SimplePage.Accept, tag);
            await using var answer = await fetch(request, cancellationToken);
            if (answer.IsNotModified || (answer.IsSuccess && DigestPrefix + answer.Body.Sha256 == tag))
            {
                return new ProjectAnswer.Unchanged();
            }

            if (!answer.IsSuccess)
            {
                continue;
            }

            var page = await ReadAsync(
                answer,
                (stream, at) => SimpleJson.ReadProjectAsync(stream, project, at, cancellationToken),
                (stream, at) => SimpleHtml.ReadProjectAsync(stream, project, at, cancellationToken)
            );
            _root = root;
            return new ProjectAnswer.Found(page, answer.ETag ?? DigestPrefix + answer.Body.Sha256);
        }

        return new ProjectAnswer.Missing();
    }

    /// <summary>All projects.</summary>
    /// <exception cref="UpstreamException">It is no index.</exception>
    public async Task<IReadOnlyList<ListedProject>> ProjectsAsync(CancellationToken cancellationToken)
    {
        UpstreamException? fault = null;
        foreach (var root in _roots)
        {
            var request = Request(Below(root, ""), SimplePage.Accept, tag: null);
            await using var answer = await fetch(request, cancellationToken);
            try
            {
                if (answer.IsSuccess)
                {
                    var projects = await ReadAsync(
                        answer,
                        (stream, _) => SimpleJson.ReadListAsync(stream, cancellationToken),
                        (stream, at) => SimpleHtml.ReadListAsync(stream, at, cancellationToken)
                    );
                    _root = root;
                    return projects;
                }
            }
            catch (UpstreamException error)
            {
                // The next address may be the index; else this one tells what is wrong.
                fault = error;
            }
        }

        throw fault
            ?? new UpstreamException($"There is no index of python packages at {Shown(new Uri(url))}.")
            {
                UpstreamStatus = 404,
            };
    }

    /// <summary>Fails when the index can't be reached; whatever it answers will do.</summary>
    /// <exception cref="UpstreamException">It can't.</exception>
    public async Task ReachAsync(CancellationToken cancellationToken)
    {
        var request = new UpstreamRequest(Below(_root ?? _roots[0], "")) { Method = "HEAD" };
        try
        {
            await using var answer = await fetch(request, cancellationToken);
        }
        catch (UpstreamException error) when (error.UpstreamStatus is not null)
        {
            // It is there, and that is all that was asked.
        }
    }

    /// <summary>What the index's JSON API says of a project; null where it has none or doesn't know the project.</summary>
    /// <param name="project">Normalized.</param>
    /// <param name="listed">The files of its page; none where there is no page.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">It can't be had or read.</exception>
    public async Task<ProjectDetails?> DetailsAsync(
        string project,
        IReadOnlyList<IndexFile> listed,
        CancellationToken cancellationToken
    )
    {
        if (!_hasDetails && Volatile.Read(ref _refusals) >= MostRefusals)
        {
            return null;
        }

        var request = Request(Below(Above(url), $"pypi/{project}/json"), ["application/json"], tag: null);
        await using var answer = await fetch(request, cancellationToken);
        if (!answer.IsSuccess || SimplePage.IsHtml(answer.MediaType))
        {
            Interlocked.Increment(ref _refusals);
            return null;
        }

        // Static mirrors have it as a file without an ending: they don't know that it is JSON.
        var details = await ReadAsync(
            answer,
            (stream, at) => ProjectDetails.ReadAsync(stream, project, at, listed, cancellationToken),
            html: null,
            isJson: true
        );
        _hasDetails = true;
        return details;
    }

    /// <summary>What the index's JSON API says of one release; null where it doesn't know it.</summary>
    /// <param name="project">Normalized.</param>
    /// <param name="version">The release.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">It can't be had or read.</exception>
    public async Task<ReleaseInfo?> ReleaseAsync(string project, string version, CancellationToken cancellationToken)
    {
        var path = $"pypi/{project}/{Uri.EscapeDataString(version)}/json";
        await using var answer = await fetch(
            Request(Below(Above(url), path), ["application/json"], tag: null),
            cancellationToken
        );
        if (!answer.IsSuccess || SimplePage.IsHtml(answer.MediaType))
        {
            return null;
        }

        var details = await ReadAsync(
            answer,
            (stream, at) => ProjectDetails.ReadAsync(stream, project, at, [], cancellationToken),
            html: null,
            isJson: true
        );
        return details.Info;
    }

    /// <summary>Where the simple index may be: below <c>simple/</c> or at the address itself.</summary>
    private static string[] Roots(string url) => Above(url) == url ? [Below(url, "simple/"), url] : [url];

    /// <summary>The address without a <c>simple/</c> at its end.</summary>
    private static string Above(string url)
    {
        var end = PathEnd(url);
        var path = url[..end].TrimEnd('/');
        return path.EndsWith("/simple", StringComparison.Ordinal) ? path[..^"simple".Length] + url[end..] : url;
    }

    private static string Below(string url, string path)
    {
        var end = PathEnd(url);
        return $"{url[..end].TrimEnd('/')}/{path}{url[end..]}";
    }

    /// <summary>Where the path ends: a query, such as a token, stays.</summary>
    private static int PathEnd(string url) => url.AsSpan().IndexOfAny("?#") is >= 0 and var end ? end : url.Length;

    private static UpstreamRequest Request(string url, IReadOnlyList<string> accept, string? tag) =>
        new(url)
        {
            Accept = accept,
            IfNoneMatch = tag?.StartsWith(DigestPrefix, StringComparison.Ordinal) == false ? tag : null,
            Answers = MayBeMissing,
            Expected = new FileExpectation { MaxSize = LargestPage },
        };

    /// <summary>Reads a page by its form. What it isn't is told with its address.</summary>
    private static async Task<T> ReadAsync<T>(
        UpstreamAnswer answer,
        Func<Stream, Uri, Task<T>> json,
        Func<Stream, Uri, Task<T>>? html,
        bool isJson = false
    )
    {
        var (type, page) = (answer.MediaType, new Uri(answer.Url));
        await using var stream = answer.Body.Open();
        try
        {
            return isJson || SimplePage.IsJson(type) ? await json(stream, page)
                : SimplePage.IsHtml(type) && html is not null ? await html(stream, page)
                : throw new UpstreamException($"has the media type '{type}'");
        }
        catch (UpstreamException error)
        {
            throw new UpstreamException($"{Shown(page)} {error.Message}.", error) { UpstreamStatus = answer.Status };
        }
    }

    private static string Shown(Uri url) =>
        url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
