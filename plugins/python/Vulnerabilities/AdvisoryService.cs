using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Metadata;
using PulpPython.Remotes;

namespace PulpPython.Vulnerabilities;

/// <summary>OSV's own service, or one that answers as it does.</summary>
internal sealed class AdvisoryService(IUpstreams upstreams, string url) : IAdvisories
{
    /// <summary>However many there are of a release, no more pages are asked for.</summary>
    private const int MostPages = 50;

    /// <summary>Its connections are shared by all scans.</summary>
    private static readonly Guid Id = new("01900000-0000-7000-8000-00000000050a");

    private readonly IUpstream _upstream = upstreams.For(
        new PythonRemote
        {
            PulpId = Id,
            Name = "osv",
            Url = url,
        }
    );

    /// <exception cref="UpstreamException">It can't be asked, or answers something else.</exception>
    public async Task<IReadOnlyList<JsonElement>> FindAsync(
        string project,
        string version,
        CancellationToken cancellationToken
    )
    {
        var found = new List<JsonElement>();
        string? page = null;
        for (var pages = 0; pages < MostPages; pages++)
        {
            var answer = await AskAsync(project, version, page, cancellationToken);
            if (answer.TryGetProperty("vulns", out var vulns) && vulns.ValueKind == JsonValueKind.Array)
            {
                found.AddRange(vulns.EnumerateArray());
            }

            page =
                answer.TryGetProperty("next_page_token", out var next) && next.ValueKind == JsonValueKind.String
                    ? next.GetString()
                    : null;
            if (string.IsNullOrEmpty(page))
            {
                break;
            }
        }

        return found;
    }

    private async Task<JsonElement> AskAsync(
        string project,
        string version,
        string? page,
        CancellationToken cancellationToken
    )
    {
        var question = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["package"] = new { name = project, ecosystem = "PyPI" },
            ["version"] = version,
        };
        if (page is not null)
        {
            question["page_token"] = page;
        }

        var request = new UpstreamRequest(url) { Method = "POST", Json = JsonSerializer.Serialize(question) };
        await using var answer = await _upstream.FetchAsync(request, cancellationToken);
        try
        {
            await using var stream = answer.Body.Open();
            using var document = (
                await JsonDocument.ParseAsync(stream, default, cancellationToken)
            ).WithReadableTexts();
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new UpstreamException($"{url} answers something else than OSV does.");
        }
        catch (JsonException error)
        {
            throw new UpstreamException($"{url} answers something else than OSV does.", error);
        }
    }
}
