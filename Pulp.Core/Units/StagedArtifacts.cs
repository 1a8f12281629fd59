using Pulp.Core.Artifacts;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>The received files of units that are going to be stored. Whoever keeps them holds the artifacts until that is committed.</summary>
internal sealed class StagedArtifacts(ArtifactStore artifacts, ReturnedFiles returned)
{
    /// <summary>Keeps the files with their rows, on a session; answers which files those were.</summary>
    public async Task<IReadOnlyList<Artifact>> SaveAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        var files = FilesOf(units);
        return files.Count == 0
            ? []
            : Assign(units, await artifacts.SaveAsync(domain, session, files, cancellationToken));
    }

    /// <summary>Brings the files to their places, for rows that are stored with the units (<see cref="StoreAsync"/>).</summary>
    public async Task<KeptFiles> KeepAsync(
        Guid domain,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        var files = FilesOf(units);
        return files.Count == 0 ? KeptFiles.None : await artifacts.KeepAsync(domain, files, cancellationToken);
    }

    public async Task StoreAsync(
        SqlSession session,
        KeptFiles kept,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    ) => Assign(units, await artifacts.StoreAsync(session, kept, cancellationToken));

    /// <summary>Of files whose rows weren't stored after all, those of uploads lie again where they lay.</summary>
    public async Task TakeBackAsync(Guid domain, IReadOnlyList<DeclaredContent> units, Exception reason)
    {
        foreach (var file in units.SelectMany(u => u.Artifacts).Select(a => a.Staged).OfType<StagedTemporaryFile>())
        {
            if (file.GoesBack)
            {
                await returned.TakeBackAsync(domain, file.File, reason, CancellationToken.None);
            }
        }
    }

    private static List<Platform.Storage.TemporaryFile> FilesOf(IReadOnlyList<DeclaredContent> units)
    {
        FilePaths.RefuseUnsafe(units);
        return
        [
            .. units
                .SelectMany(u => u.Artifacts)
                .Select(a => a.Staged)
                .OfType<StagedFile>()
                .Select(StagedTemporaryFile.Of),
        ];
    }

    private static IReadOnlyList<Artifact> Assign(
        IReadOnlyList<DeclaredContent> units,
        IReadOnlyDictionary<string, Artifact> kept
    )
    {
        foreach (var artifact in units.SelectMany(u => u.Artifacts))
        {
            if (artifact.Staged is { } staged)
            {
                artifact.Artifact = kept[staged.Sha256];
            }
        }

        return [.. kept.Values];
    }
}
