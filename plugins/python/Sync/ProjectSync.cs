using System.Threading.Channels;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Sync;
using PulpPython.Names;

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
                var details = await run.Index.DetailsAsync(_name, cancellationToken);
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
        if (await run.Index.DetailsAsync(_name, cancellationToken) is not { Files.Count: > 0 } details)
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
        var files = run.Filter.Select(_name, all);
        if (tag.Length > 0)
        {
            run.Read(new SyncedProject(_name, tag, listed.Serial));
        }

        foreach (var file in files)
        {
            if (file.Sha256 is null)
            {
                run.Incomplete(_name, file.Filename, new UpstreamException("the index doesn't tell its SHA-256."));
                continue;
            }

            var (unit, artifacts) = PackageDeclarations.Of(listed.Name, file, details?.Info);
            await units.WriteAsync(
                new DeclaredContent(unit, artifacts) { GoOnWithout = error => GoOn(file, error) },
                cancellationToken
            );
        }

        var releases = files.Select(f => f.Release).ToHashSet(StringComparer.Ordinal);
        var ofReleases = all.Where(f => releases.Contains(f.Release)).ToList();
        foreach (var yank in PackageDeclarations.Yanks(details?.Info.Metadata.Name ?? listed.Name, ofReleases))
        {
            await units.WriteAsync(new DeclaredContent(yank), cancellationToken);
        }
    }

    private bool GoOn(IndexFile file, PulpException error)
    {
        run.Incomplete(_name, file.Filename, error);
        return true;
    }
}
