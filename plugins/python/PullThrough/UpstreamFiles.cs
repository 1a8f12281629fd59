using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Distributions;
using PulpPython.Index;
using PulpPython.Metadata;
using PulpPython.Names;
using PulpPython.Packages;
using PulpPython.Sync;

namespace PulpPython.PullThrough;

/// <summary>
/// Files of an index that its remote has: fetched when somebody asks for them, and added to the repository. What is stored is what the file
/// itself tells, with a wheel's metadata beside it, as if it had been uploaded.
/// </summary>
internal sealed class UpstreamFiles(MergedIndex index, IUpstreams upstreams, IArtifacts artifacts, TimeProvider clock)
{
    /// <summary>The answer for a path that the index doesn't have itself; null when upstream hasn't it either.</summary>
    /// <param name="served">The index.</param>
    /// <param name="path">Path below the content application's base path.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="UpstreamException">Upstream can't be asked.</exception>
    public async ValueTask<ContentAnswer?> FindAsync(
        IServedDistribution served,
        string path,
        CancellationToken cancellationToken
    )
    {
        var isMetadata = path.EndsWith(PackageFile.MetadataSuffix, StringComparison.Ordinal);
        var filename = isMetadata ? path[..^PackageFile.MetadataSuffix.Length] : path;
        foreach (var project in Projects(filename))
        {
            if (await index.FileAsync(served, project, filename, cancellationToken) is { } found)
            {
                return isMetadata
                    ? await MetadataAsync(served, found, cancellationToken)
                    : Answer((PythonDistribution)served.Distribution, project, found);
            }
        }

        return null;
    }

    /// <summary>The projects that a file may be of: the names of old files may be divided in several places.</summary>
    private static IEnumerable<string> Projects(string filename)
    {
        if (!PackageFilename.TryParse(filename, out var name))
        {
            yield break;
        }

        yield return ProjectName.Normalize(name.Project);
        if (name.PackageType != PackageTypes.Source)
        {
            yield break;
        }

        for (var at = filename.IndexOf('-', StringComparison.Ordinal); at > 0; at = filename.IndexOf('-', at + 1))
        {
            if (at != name.Project.Length && ProjectName.IsValid(filename[..at]))
            {
                yield return ProjectName.Normalize(filename[..at]);
            }
        }
    }

    private ContentAnswer.Upstream Answer(PythonDistribution distribution, string project, UpstreamFile found)
    {
        var file = found.File;
        var artifact = new DeclaredArtifact(file.Filename, file.Url)
        {
            Sha256 = file.Sha256,
            OtherDigests = file.OtherDigests,
            Size = file.Size,
        };
        var unit = new PythonPackageContent { Filename = file.Filename, Sha256 = file.Sha256 ?? "" };
        return new ContentAnswer.Upstream(
            found.Upstream.Remote,
            new DeclaredContent(unit, artifact),
            distribution.Repository
        )
        {
            Complete = (fetched, token) => CompleteAsync(project, file, artifact, fetched, token),
        };
    }

    /// <exception cref="ValidationException">It is no package, or another one than the index says.</exception>
    private async ValueTask<DeclaredContent> CompleteAsync(
        string project,
        IndexFile file,
        DeclaredArtifact artifact,
        StagedFile fetched,
        CancellationToken cancellationToken
    )
    {
        if (await ReadAsync(file, fetched, cancellationToken) is not { } metadata)
        {
            return AsListed(project, file, artifact, fetched);
        }

        var package = PackageFile.Of(file.Filename, metadata, fetched.Sha256, fetched.Size);
        if (package.Content.NameNormalized != project)
        {
            throw new ValidationException("file", $"It is a file of {package.Content.Name}, not of {project}.");
        }

        var declared = await package.DeclareAsync(
            _ => artifact,
            metadata => artifacts.StageAsync(metadata, FileExpectation.None, cancellationToken)
        );
        // Whatever comes from outside has one: only what was uploaded here has none.
        var content = (PythonPackageContent)declared.Content with
        {
            UploadTime = file.UploadTime ?? clock.GetUtcNow(),
        };
        return new DeclaredContent(content, declared.Artifacts);
    }

    /// <summary>
    /// The metadata that a file has in it. Null for what upstream has indeed, as its digest says, though it has none that can be read:
    /// old sdists, and archives of forms that nobody makes any more. A wheel without is none.
    /// </summary>
    /// <exception cref="ValidationException">It has none, and may be anything.</exception>
    private static async Task<byte[]?> ReadAsync(
        IndexFile file,
        StagedFile fetched,
        CancellationToken cancellationToken
    )
    {
        await using var stream = fetched.OpenRead();
        try
        {
            return await PackageArchive.ReadMetadataAsync(file.Filename, stream, cancellationToken);
        }
        catch (ValidationException) when (file is { Sha256: not null, Type: not PackageTypes.Wheel })
        {
            return null;
        }
    }

    /// <summary>The unit as a sync would make it, of what the index tells.</summary>
    private DeclaredContent AsListed(string project, IndexFile file, DeclaredArtifact artifact, StagedFile fetched)
    {
        var alone = file with { Size = fetched.Size, HasMetadata = false, MetadataSha256 = null };
        var (unit, _) = PackageDeclarations.Of(project, alone, metadata: null, info: null, clock.GetUtcNow());
        return new DeclaredContent(unit, artifact);
    }

    /// <summary>Metadata is small, and wanted before its package: it is passed on as it is, and remembered.</summary>
    private ValueTask<ContentAnswer?> MetadataAsync(
        IServedDistribution served,
        UpstreamFile found,
        CancellationToken cancellationToken
    ) =>
        found.File is { HasMetadata: true, Sha256: { } package }
            ? served.RememberAsync(
                $"metadata {found.Upstream.Remote.PulpId} {package} {found.File.MetadataSha256} {found.File.Filename}",
                token => FetchAsync(found, token),
                cancellationToken
            )
            : ValueTask.FromResult<ContentAnswer?>(null);

    private async Task<(ContentAnswer? Value, long Bytes)> FetchAsync(
        UpstreamFile found,
        CancellationToken cancellationToken
    )
    {
        var request = new UpstreamRequest(PackageDeclarations.MetadataUrl(found.File.Url))
        {
            Answers = [404, 410],
            Expected = new FileExpectation { Sha256 = found.File.MetadataSha256, MaxSize = MetadataText.MaxBytes },
        };
        await using var answer = await upstreams.For(found.Upstream.Remote).FetchAsync(request, cancellationToken);
        if (!answer.IsSuccess)
        {
            return (null, IndexPages.NotKept);
        }

        var bytes = new byte[answer.Body.Size];
        await using var body = answer.Body.Open();
        await body.ReadExactlyAsync(bytes, cancellationToken);
        return (
            new ContentAnswer.Bytes(bytes, "application/octet-stream") { ETag = answer.Body.Sha256 },
            bytes.Length + 1000
        );
    }
}
