using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;
using PulpPython.Packages;
using PulpPython.Sync;

namespace PulpPython.Index;

/// <summary>The pages of indexes: each is made once for each state of what is served, in each form, and remembered as bytes.</summary>
internal sealed class IndexPages(IDb db, ServerAddress server, PypiSettings settings)
{
    /// <summary>More than there is memory for.</summary>
    public const long NotKept = 1L << 50;

    private static readonly string[] ByAccept = ["Accept", "Accept-Encoding"];
    private static readonly string[] ByEncoding = ["Accept-Encoding"];
    private static readonly ContentAnswer NoIndex = new ContentAnswer.Missing("This index has no repository.")
    {
        IsUnguarded = true,
    };

    /// <summary>The list of projects.</summary>
    public ValueTask<ContentAnswer> ProjectsAsync(
        IServedDistribution served,
        PageForm form,
        bool compressed,
        CancellationToken cancellationToken
    ) =>
        served.Version is not { } version
            ? ValueTask.FromResult(NoIndex)
            : served.RememberAsync(
                $"simple {form.MediaType} {compressed}",
                async token =>
                {
                    var projects = await ProjectEntry.AllAsync(db, version, token);
                    var body = form.IsJson
                        ? JsonPages.Projects(projects, version.Number)
                        : HtmlPages.Projects(projects);
                    return PageAnswer.Of(body, form.MediaType, ByAccept, compressed, version.Number);
                },
                cancellationToken
            );

    /// <summary>The files of a project; null when the index hasn't any.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">The project's normalized name.</param>
    /// <param name="form">The form of the page.</param>
    /// <param name="compressed">Whether the client takes gzip.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<ContentAnswer?> ProjectAsync(
        IServedDistribution served,
        string project,
        PageForm form,
        bool compressed,
        CancellationToken cancellationToken
    ) =>
        served.Version is not { } version
            ? ValueTask.FromResult<ContentAnswer?>(null)
            : served.RememberAsync(
                $"simple {form.MediaType} {compressed} {project}",
                async token =>
                {
                    var (files, serial) = await FilesAsync(version, project, token);
                    if (files.Count == 0)
                    {
                        return None;
                    }

                    var locations = await SyncedLocations.OfAsync(db, version.RepositoryId, project, token);
                    var body = Body(served, new ProjectPage(project, files, locations, serial), form);
                    return Some(PageAnswer.Of(body, form.MediaType, ByAccept, compressed, serial));
                },
                cancellationToken
            );

    /// <summary>A page of files that aren't all of the index: it may be another one at the next request.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">The project's normalized name.</param>
    /// <param name="files">The files.</param>
    /// <param name="locations">Where else the project is.</param>
    /// <param name="state">Says of what they were made beside what the index serves: the same state is the same page.</param>
    /// <param name="form">The form of the page.</param>
    /// <param name="compressed">Whether the client takes gzip.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<ContentAnswer?> ProjectAsync(
        IServedDistribution served,
        string project,
        Func<IReadOnlyList<ReleaseFile>> files,
        ProjectLocations locations,
        string state,
        PageForm form,
        bool compressed,
        CancellationToken cancellationToken
    ) =>
        served.RememberAsync(
            $"merged {form.MediaType} {compressed} {project} {state}",
            _ =>
            {
                var all = files();
                if (all.Count == 0)
                {
                    return Task.FromResult(None);
                }

                var serial = served.Version?.Number ?? 0;
                var body = Body(served, new ProjectPage(project, all, locations, serial), form);
                var (page, bytes) = PageAnswer.Of(body, form.MediaType, ByAccept, compressed, serial);
                return Task.FromResult(Some((page with { Remember = Remember.Never }, bytes)));
            },
            cancellationToken
        );

    /// <summary>The index's own files of a project.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">The project's normalized name.</param>
    /// <param name="isKnown">Somebody has such a project: it is remembered also that there are none here.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<IReadOnlyList<ReleaseFile>> FilesAsync(
        IServedDistribution served,
        string project,
        bool isKnown,
        CancellationToken cancellationToken
    ) =>
        served.Version is not { } version
            ? ValueTask.FromResult<IReadOnlyList<ReleaseFile>>([])
            : served.RememberAsync(
                $"files {project}",
                async token =>
                {
                    var files = await ReleaseFile.OfAsync(db, version, project, token);
                    return (files, files.Count == 0 && !isKnown ? NotKept : (files.Count + 1) * 1000L);
                },
                cancellationToken
            );

    /// <summary>PyPI's JSON of a project; null when the index has no such release.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">The project's normalized name.</param>
    /// <param name="version">The release; null for the newest.</param>
    /// <param name="compressed">Whether the client takes gzip.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<ContentAnswer?> ReleaseAsync(
        IServedDistribution served,
        string project,
        string? version,
        bool compressed,
        CancellationToken cancellationToken
    ) =>
        served.Version is not { } state
            ? ValueTask.FromResult<ContentAnswer?>(null)
            : served.RememberAsync(
                $"json {compressed} {project} {version}",
                async token =>
                {
                    var (files, serial) = await FilesAsync(state, project, token);
                    if (
                        ReleaseJson.Shown(files, version) is not { } shown
                        || await UnitAsync(served, shown.PulpId, token) is not { } unit
                    )
                    {
                        return None;
                    }

                    var body = ReleaseJson.Write(files, unit, LinksOf(served), serial);
                    return Some(PageAnswer.Of(body, "application/json", ByEncoding, compressed, serial));
                },
                cancellationToken
            );

    /// <summary>How much the index has.</summary>
    public ValueTask<ContentAnswer> SummaryAsync(IServedDistribution served, CancellationToken cancellationToken) =>
        served.Version is not { } version
            ? ValueTask.FromResult(NoIndex)
            : served.RememberAsync(
                "summary",
                async token =>
                {
                    var counts = await IndexCounts.OfAsync(db, version, token);
                    var body = JsonPages.Write(json =>
                    {
                        json.WriteNumber("projects", counts.Projects);
                        json.WriteNumber("releases", counts.Releases);
                        json.WriteNumber("files", counts.Files);
                    });
                    return PageAnswer.Of(body, "application/json", [], compressed: false, version.Number);
                },
                cancellationToken
            );

    /// <summary>Nothing, too large to be remembered: whoever makes names up takes no memory.</summary>
    private static (ContentAnswer? Value, long Bytes) None => (null, NotKept);

    private static (ContentAnswer? Value, long Bytes) Some((ContentAnswer Value, long Bytes) page) => page;

    private async Task<(IReadOnlyList<ReleaseFile> Files, long Serial)> FilesAsync(
        RepositoryVersionRef version,
        string project,
        CancellationToken cancellationToken
    ) =>
        await ProjectEntry.FindAsync(db, version, project, cancellationToken) is { } entry
            ? (await ReleaseFile.OfAsync(db, version, project, cancellationToken), entry.Serial)
            : ([], 0);

    private static async Task<PythonPackageContent?> UnitAsync(
        IServedDistribution served,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        await foreach (var unit in served.ContentAsync<PythonPackageContent>($"d.pulp_id = {id}", cancellationToken))
        {
            return unit;
        }

        return null;
    }

    private byte[] Body(IServedDistribution served, ProjectPage page, PageForm form) =>
        form.IsJson ? JsonPages.Files(page, LinksOf(served)) : HtmlPages.Files(page, LinksOf(served));

    private FileLinks LinksOf(IServedDistribution served) => FileLinks.Of(server, settings, served.Path);
}
