using System.Threading.Channels;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Sync;
using PulpPython.Names;
using PulpPython.Packages;

namespace PulpPython.Sync;

/// <summary>Reads one project of an index and declares its packages.</summary>
internal sealed class ProjectSync(SyncRun run, ListedProject listed, ChannelWriter<DeclaredContent> units)
{
    private readonly string _name = ProjectName.Normalize(listed.Name);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
        catch (PulpException error) when (error is UpstreamException or DigestException or FileTooLargeException)
        {
            await run.FailedAsync(_name, error, cancellationToken);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var known = run.Known(_name);
        if (known is { Serial: not null } && known.Serial == listed.Serial)
        {
            run.Keep(known);
            return;
        }

        switch (await run.Index.ProjectAsync(_name, known?.Tag, cancellationToken))
        {
            case ProjectAnswer.Unchanged when known is not null:
                run.Keep(known with { Serial = listed.Serial });
                break;
            case ProjectAnswer.Found found:
                run.Located(_name, found.Page.Locations);
                var details = await run.Index.DetailsAsync(_name, found.Page.Files, cancellationToken);
                await DeclareAsync(found.Page.Files, details, found.Tag, cancellationToken);
                break;
            default:
                await DeclareWithoutPageAsync(cancellationToken);
                break;
        }
    }

    /// <summary>Static mirrors may have the JSON API's files alone.</summary>
    private async Task DeclareWithoutPageAsync(CancellationToken cancellationToken)
    {
        if (await run.Index.DetailsAsync(_name, [], cancellationToken) is not { Files.Count: > 0 } details)
        {
            run.Missing(_name);
            return;
        }

        await DeclareAsync(details.Files.Values, details, tag: "", cancellationToken);
    }

    private async Task DeclareAsync(
        IEnumerable<IndexFile> listedFiles,
        ProjectDetails? details,
        string tag,
        CancellationToken cancellationToken
    )
    {
        var all = listedFiles.Select(f => details?.Complete(f) ?? f).ToList();
        var files = WithoutBlocked(run.Filter.Select(_name, all));
        if (tag.Length > 0)
        {
            // Before the first unit: what goes wrong with one takes it back.
            run.Read(new SyncedProject(_name, tag, listed.Serial));
        }

        var provenances = new List<(IndexFile File, DeclaredContent Package)>();
        var promised = new PromisedMetadata(run);
        await promised.FindStoredAsync(files, cancellationToken);
        foreach (var listedFile in files)
        {
            if (listedFile.Sha256 is null)
            {
                run.Incomplete(
                    _name,
                    listedFile.Filename,
                    new UpstreamException("The index doesn't tell its SHA-256.")
                );
                continue;
            }

            var (file, metadata) = await promised.CompleteAsync(listedFile, cancellationToken);
            var (unit, artifacts) = PackageDeclarations.Of(listed.Name, file, metadata, details?.Info, run.Now);
            var package = new DeclaredContent(unit, artifacts)
            {
                GoOnWithout = error => run.GoesOnWithout(_name, file.Filename, error),
            };
            await units.WriteAsync(package, cancellationToken);
            provenances.Add((file, package));
        }

        var releases = files.Select(f => f.Release).ToHashSet(StringComparer.Ordinal);
        var ofReleases = all.Where(f => releases.Contains(f.Release)).ToList();
        foreach (var yank in PackageDeclarations.Yanks(details?.Info.Metadata.Name ?? listed.Name, ofReleases))
        {
            await units.WriteAsync(new DeclaredContent(yank), cancellationToken);
        }

        if (run.Sync.Remote.Provenance)
        {
            var provenance = new ProvenanceSync(run, _name, units);
            foreach (var (file, package) in provenances)
            {
                await provenance.DeclareAsync(file, package, cancellationToken);
            }
        }
    }

    /// <summary>A version that has one of these would be refused as a whole.</summary>
    private IReadOnlyList<IndexFile> WithoutBlocked(IReadOnlyList<IndexFile> files)
    {
        if (run.Blocklist.IsEmpty)
        {
            return files;
        }

        IndexFile[] taken = [.. files.Where(f => !run.Blocklist.Has(_name, VersionKey.Of(f.Release), f.Filename))];
        if (taken.Length < files.Count)
        {
            run.Sync.Task.Warn(
                "python.blocked",
                $"{files.Count - taken.Length} files of the project {_name} are on the repository's block list."
            );
        }

        return taken;
    }
}
