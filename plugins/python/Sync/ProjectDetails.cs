using System.Text.Json;
using Pulp.PluginSdk.Errors;

namespace PulpPython.Sync;

/// <summary>
/// What an index's JSON API says of a project: the metadata of its newest release, and the files of all. It is the only place of
/// an index where core metadata is had without a request for each file.
/// </summary>
internal sealed class ProjectDetails
{
    private ProjectDetails(ReleaseInfo info, IReadOnlyDictionary<string, IndexFile> files)
    {
        Info = info;
        Files = files;
    }

    public ReleaseInfo Info { get; }

    /// <summary>The files by name.</summary>
    public IReadOnlyDictionary<string, IndexFile> Files { get; }

    /// <param name="stream">The JSON.</param>
    /// <param name="project">Normalized.</param>
    /// <param name="page">Where it came from.</param>
    /// <param name="listed">The files that the simple page has: their names needn't be read again.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">It is something else.</exception>
    public static async Task<ProjectDetails> ReadAsync(
        Stream stream,
        string project,
        Uri page,
        IReadOnlyList<IndexFile> listed,
        CancellationToken cancellationToken
    )
    {
        var known = listed
            .DistinctBy(f => f.Filename, StringComparer.Ordinal)
            .ToDictionary(f => f.Filename, StringComparer.Ordinal);
        using var document = await SimpleJson.ParseAsync(stream, cancellationToken);
        var info =
            SimpleJson.Member(document.RootElement, "info", JsonValueKind.Object)
            ?? throw new UpstreamException("has no info");
        var files = new Dictionary<string, IndexFile>(StringComparer.Ordinal);
        if (SimpleJson.Member(document.RootElement, "releases", JsonValueKind.Object) is { } releases)
        {
            foreach (var release in releases.EnumerateObject().Where(r => r.Value.ValueKind == JsonValueKind.Array))
            {
                foreach (var file in release.Value.EnumerateArray())
                {
                    if (File(file, release.Name, known, project, page) is { } found)
                    {
                        files.TryAdd(found.Filename, found);
                    }
                }
            }
        }

        return new ProjectDetails(ReleaseInfo.Read(info, project), files);
    }

    /// <summary>What the simple page says of a file, completed by what only the JSON API does.</summary>
    public IndexFile Complete(IndexFile file) =>
        !Files.TryGetValue(file.Filename, out var known)
            ? file
            : file with
            {
                Version = known.Version,
                PackageType = known.PackageType,
                PythonVersion = known.PythonVersion,
                Sha256 = file.Sha256 ?? known.Sha256,
                OtherDigests = file.OtherDigests.Count > 0 ? file.OtherDigests : known.OtherDigests,
                RequiresPython = file.RequiresPython.Length > 0 ? file.RequiresPython : known.RequiresPython,
                Size = file.Size ?? known.Size,
                UploadTime = file.UploadTime ?? known.UploadTime,
                Yanked = file.Yanked ?? known.Yanked,
            };

    private static IndexFile? File(
        JsonElement file,
        string version,
        IReadOnlyDictionary<string, IndexFile> listed,
        string project,
        Uri page
    )
    {
        if (
            SimpleJson.Text(file, "filename") is not { } filename
            || (listed.GetValueOrDefault(filename) ?? Unlisted(file, filename, project, page)) is not { } found
        )
        {
            return null;
        }

        var digests = SimpleJson.Texts(SimpleJson.Member(file, "digests", JsonValueKind.Object)).ToList();
        var isYanked = SimpleJson.Member(file, "yanked", JsonValueKind.True) is not null;
        var type = SimpleJson.Text(file, "packagetype");
        return found with
        {
            Version = version,
            PackageType = Names.PackageTypes.All.Contains(type) ? type : null,
            PythonVersion = SimpleJson.Text(file, "python_version"),
            Sha256 = IndexLinks.Sha256(digests.Find(d => d.Key == "sha256").Value),
            OtherDigests = IndexLinks.Others(digests),
            RequiresPython = SimpleJson.Text(file, "requires_python") ?? "",
            Size = SimpleJson.Number(file, "size") is >= 0 and var size ? size : null,
            UploadTime = SimpleJson.Moment(
                SimpleJson.Text(file, "upload_time_iso_8601") ?? SimpleJson.Text(file, "upload_time")
            ),
            Yanked = isYanked ? SimpleJson.Text(file, "yanked_reason") ?? "" : null,
        };
    }

    private static IndexFile? Unlisted(JsonElement file, string filename, string project, Uri page) =>
        SimpleJson.Text(file, "url") is { } link && IndexLinks.TryResolve(page, link, out var url)
            ? SimplePage.File(project, filename, url)
            : null;
}
