using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>A declared unit on its way through the stages, with the files that were fetched for it.</summary>
internal sealed class SyncItem(DeclaredContent declared)
{
    public DeclaredContent Declared { get; } = declared;

    /// <summary>The unit was stored for the first time, by this sync: no repository can hold it yet.</summary>
    public bool IsNew { get; set; }

    /// <summary>One of its files can't be had, and its plan goes on without it.</summary>
    public bool IsLeftOut { get; set; }

    public List<(DeclaredArtifact Artifact, TemporaryFile File)> Fetched { get; } = [];
}
