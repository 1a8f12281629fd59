using Pulp.PluginSdk.Serving;
using PulpPython.Names;
using PulpPython.PullThrough;

namespace PulpPython.Index;

/// <summary>A request for something of an index.</summary>
internal sealed record IndexRequest
{
    /// <summary>The index.</summary>
    public required IServedDistribution Served { get; init; }

    /// <summary>Path below the index, without a leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>The form that pages are wanted in.</summary>
    public required PageForm Form { get; init; }

    /// <summary>Whether the client takes gzip.</summary>
    public required bool IsCompressed { get; init; }
}

/// <summary>Finds out which page of an index is asked for.</summary>
internal sealed class IndexRequests(IndexPages pages, ProvenancePages provenances, MergedIndex merged)
{
    private const string Simple = "simple/";
    private const string Release = "pypi/";
    private const string Integrity = "integrity/";

    /// <summary>The answer; null when nothing is there. Redirects are relative to what is asked for.</summary>
    public ValueTask<ContentAnswer?> AnswerAsync(IndexRequest request, CancellationToken cancellationToken)
    {
        var path = request.Path;
        if (path.StartsWith(Simple, StringComparison.Ordinal))
        {
            return path.Length == Simple.Length
                ? FoundAsync(pages.ProjectsAsync(request.Served, request.Form, request.IsCompressed, cancellationToken))
                : ProjectAsync(request, path[Simple.Length..], cancellationToken);
        }

        return path switch
        {
            "" => FoundAsync(pages.SummaryAsync(request.Served, cancellationToken)),
            "simple" => ValueTask.FromResult<ContentAnswer?>(new ContentAnswer.Redirect("simple/")),
            _ when path.StartsWith(Release, StringComparison.Ordinal) => ReleaseAsync(request, cancellationToken),
            _ when path.StartsWith(Integrity, StringComparison.Ordinal) => ProvenanceAsync(request, cancellationToken),
            _ => ValueTask.FromResult<ContentAnswer?>(null),
        };
    }

    private async ValueTask<ContentAnswer?> ProjectAsync(
        IndexRequest request,
        string name,
        CancellationToken cancellationToken
    )
    {
        var slash = name.EndsWith('/');
        var given = slash ? name[..^1] : name;
        if (!ProjectName.IsValid(given))
        {
            return null;
        }

        var project = ProjectName.Normalize(given);
        if (!slash || project != given)
        {
            return new ContentAnswer.Redirect($"{(slash ? "../" : "")}{project}/");
        }

        var page = MergedIndex.IsOf(request.Served)
            ? merged.ProjectAsync(request.Served, project, request.Form, request.IsCompressed, cancellationToken)
            : pages.ProjectAsync(request.Served, project, request.Form, request.IsCompressed, cancellationToken);
        return await page ?? Missing($"{project} does not exist.");
    }

    private async ValueTask<ContentAnswer?> ReleaseAsync(IndexRequest request, CancellationToken cancellationToken)
    {
        var (name, version) = request.Path.TrimEnd('/').Split('/') switch
        {
            [_, var only, "json"] => (only, null),
            [_, var project, var release, "json"] => (project, release),
            _ => ("", (string?)null),
        };
        if (!ProjectName.IsValid(name))
        {
            return Missing("");
        }

        return await pages.ReleaseAsync(
                request.Served,
                ProjectName.Normalize(name),
                version,
                request.IsCompressed,
                cancellationToken
            ) ?? Missing("");
    }

    private async ValueTask<ContentAnswer?> ProvenanceAsync(IndexRequest request, CancellationToken cancellationToken)
    {
        if (request.Path.TrimEnd('/').Split('/') is not [_, var name, var version, var filename, "provenance"])
        {
            return null;
        }

        var project = ProjectName.IsValid(name) ? ProjectName.Normalize(name) : "";
        return await provenances.FindAsync(request.Served, project, version, filename, cancellationToken)
            ?? Missing($"{name} {version} {filename} provenance does not exist.");
    }

    private static ContentAnswer Missing(string text) => new ContentAnswer.Missing(text) { IsUnguarded = true };

    private static async ValueTask<ContentAnswer?> FoundAsync(ValueTask<ContentAnswer> answer) => await answer;
}
