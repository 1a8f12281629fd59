using Microsoft.Extensions.Logging;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Serving;
using PulpPython.Distributions;
using PulpPython.Index;
using PulpPython.Names;
using PulpPython.Packages;
using PulpPython.Repositories;
using PulpPython.Sync;

namespace PulpPython.PullThrough;

/// <summary>
/// What an index with a remote has of a project: its own files and those that the remote passes on. A file of its own always comes
/// before one of the same name. Where the repository allows no substitution, a project that has files which were uploaded here is private:
/// nothing of that name comes from outside.
/// </summary>
internal sealed partial class MergedIndex(
    UpstreamIndexes upstreams,
    IndexPages pages,
    IDb db,
    ILogger<MergedIndex> logger
)
{
    /// <summary>Whether an index asks somebody for what it hasn't.</summary>
    public static bool IsOf(IServedDistribution served) =>
        served.Distribution is PythonDistribution { Remote: not null };

    /// <summary>A project's page; null when neither has it.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">Normalized.</param>
    /// <param name="form">The page's form.</param>
    /// <param name="compressed">Whether the client takes gzip.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="UpstreamException">It isn't here, and upstream can't be asked.</exception>
    public async ValueTask<ContentAnswer?> ProjectAsync(
        IServedDistribution served,
        string project,
        PageForm form,
        bool compressed,
        CancellationToken cancellationToken
    )
    {
        var rules = await RulesAsync(served, cancellationToken);
        var own = await OwnAsync(served, rules, project, cancellationToken);
        if (await AskAsync(rules, project, own, cancellationToken) is not { } found)
        {
            return await pages.ProjectAsync(served, project, form, compressed, cancellationToken);
        }

        return await pages.ProjectAsync(
            served,
            project,
            () => Merged(own, found.Files),
            found.Page.Locations,
            found.Page.Tag,
            form,
            compressed,
            cancellationToken
        );
    }

    /// <summary>The upstream's file of a name; null when it has none, and the index's own is meant or none at all.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">Normalized.</param>
    /// <param name="filename">The file.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="UpstreamException">It isn't here, and upstream can't be asked.</exception>
    public async ValueTask<UpstreamFile?> FileAsync(
        IServedDistribution served,
        string project,
        string filename,
        CancellationToken cancellationToken
    )
    {
        var rules = await RulesAsync(served, cancellationToken);
        var own = await OwnAsync(served, rules, project, cancellationToken);
        return
            !own.Any(f => f.Filename == filename)
            && await AskAsync(rules, project, own, cancellationToken) is { } found
            && found.Files.FirstOrDefault(f => f.Filename == filename) is { } file
            ? new UpstreamFile(found.Upstream, file)
            : null;
    }

    /// <summary>What upstream passes on; null when it isn't to be asked, or can't be and there is something here.</summary>
    private async ValueTask<Found?> AskAsync(
        Rules rules,
        string project,
        IReadOnlyList<ReleaseFile> own,
        CancellationToken cancellationToken
    )
    {
        var (repository, upstream) = rules;
        if (
            upstream is null
            || repository.Blocklist.HasProject(project)
            || (!repository.AllowsSubstitution && own.Any(f => f.IsOwn))
        )
        {
            return null;
        }

        try
        {
            var page = await upstream.Index.FindAsync(project, cancellationToken);
            return new Found(upstream, page, repository.Blocklist, project);
        }
        catch (Exception error) when (own.Count > 0 && error is UpstreamException or FileTooLargeException)
        {
            LogWithout(project, upstream.Remote.Name, error.Message);
            return null;
        }
    }

    /// <summary>The index's own files; that it has none isn't remembered of projects which nobody has, as whoever makes names up takes no memory.</summary>
    private ValueTask<IReadOnlyList<ReleaseFile>> OwnAsync(
        IServedDistribution served,
        Rules rules,
        string project,
        CancellationToken cancellationToken
    ) => pages.FilesAsync(served, project, rules.Upstream?.Index.Knows(project) == true, cancellationToken);

    /// <summary>What the repository and the remote let through. A change of either is one of what is served.</summary>
    private ValueTask<Rules> RulesAsync(IServedDistribution served, CancellationToken cancellationToken) =>
        served.RememberAsync(
            "rules",
            async token =>
            {
                var rules = await RepositoryRules.OfAsync(db, served.Version?.RepositoryId, token);
                var remote = served.Distribution is PythonDistribution { Remote: { } id }
                    ? await upstreams.RemoteAsync(id, token)
                    : null;
                return (new Rules(rules, remote is null ? null : upstreams.Of(remote)), 1000 + rules.Blocklist.Bytes);
            },
            cancellationToken
        );

    private static IReadOnlyList<ReleaseFile> Merged(IReadOnlyList<ReleaseFile> own, IEnumerable<IndexFile> upstream)
    {
        var names = own.Select(f => f.Filename).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. own.Concat(upstream.Where(f => !names.Contains(f.Filename)).Select(Shown))
                .OrderBy(f => f.VersionKey, StringComparer.Ordinal)
                .ThenBy(f => f.Filename, StringComparer.Ordinal),
        ];
    }

    private static ReleaseFile Shown(IndexFile file) =>
        new()
        {
            Version = file.Release,
            VersionKey = VersionKey.Of(file.Release),
            Filename = file.Filename,
            Sha256 = file.Sha256 ?? "",
            MetadataSha256 = file.MetadataSha256,
            HasUnknownMetadata = file is { HasMetadata: true, MetadataSha256: null },
            RequiresPython = file.RequiresPython,
            Size = file.Size,
            Packagetype = file.Type,
            PythonVersion = file.Name.PythonVersion,
            UploadedAt = file.UploadTime,
            YankReason = file.Yanked,
        };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The index shows only its own files of {Project}: the remote {Remote} can't be asked: {Reason}"
    )]
    private partial void LogWithout(string project, string remote, string reason);

    /// <summary>What the repository says of packages from outside, and where they come from; null where the remote is gone.</summary>
    private sealed record Rules(RepositoryRules Repository, Upstream? Upstream);

    /// <summary>What upstream passes on of a project.</summary>
    private sealed record Found(Upstream Upstream, UpstreamPage Page, Blocklist Blocklist, string Project)
    {
        public IEnumerable<IndexFile> Files =>
            Blocklist.IsEmpty
                ? Page.Files
                : Page.Files.Where(f => !Blocklist.Has(Project, VersionKey.Of(f.Release), f.Filename));
    }
}

/// <summary>A file that an upstream has.</summary>
internal sealed record UpstreamFile(Upstream Upstream, IndexFile File);
