using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Sync;

/// <summary>A unit the upstream has, as far as its metadata tells.</summary>
public sealed class DeclaredContent
{
    private readonly TaskCompletionSource<Guid> _saved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A unit with its files.</summary>
    /// <param name="content">The unit.</param>
    /// <param name="artifacts">Its files; none is allowed.</param>
    public DeclaredContent(Content content, params IReadOnlyList<DeclaredArtifact> artifacts)
    {
        Content = content;
        Artifacts = artifacts;
    }

    /// <summary>The unit; stages replace it by what was completed or found.</summary>
    public Content Content { get; internal set; }

    /// <summary>Its files.</summary>
    public IReadOnlyList<DeclaredArtifact> Artifacts { get; internal set; }

    /// <summary>
    /// The stored unit's id, once it is stored: for units that refer to others. The stages never hold a unit back to fill a
    /// batch, so awaiting it can't dead-lock as long as the unit was yielded before. It fails when the sync ends before that, whatever
    /// the reason: the plan is then to end too.
    /// </summary>
    public Task<Guid> SavedAsync() => _saved.Task;

    /// <summary>
    /// Units that this one refers to, which are stored already: their ids by the member that
    /// <see cref="Plugin.IContentKind{T}.RefersTo{TOther}(string, string)"/> named.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<Guid>>? References { get; init; }

    /// <summary>
    /// Stores more rows with the unit, in the transaction that stores it for the first time; the id is the unit's. It may be called
    /// again when the database gave the transaction up for the sake of others.
    /// </summary>
    public Func<IDb, Guid, CancellationToken, Task>? AlsoSave { get; init; }

    /// <summary>
    /// Of an upload, of <see cref="Contents.IContents"/> and of a version's draft: units that come with this one and are made of its id,
    /// such as those that refer to it. They are stored after it; an upload and a draft add them to the repository with it.
    /// </summary>
    public Func<Guid, IReadOnlyList<DeclaredContent>>? Followers { get; init; }

    /// <summary>
    /// Asked by a sync when one of its files can't be fetched or isn't what was promised: true goes on without the unit, and the plan has
    /// said so (<see cref="Tasks.ITaskContext.Warn"/>). Null, or false, ends the sync.
    /// </summary>
    public Func<Errors.PulpException, bool>? GoOnWithout { get; init; }

    internal Guid SavedId { get; private set; }

    internal void SetSaved(Guid id)
    {
        SavedId = id;
        _saved.TrySetResult(id);
    }

    internal void SetFailed(Exception error)
    {
        // Nobody may be waiting; an unobserved error would only alarm.
        if (_saved.TrySetException(error))
        {
            _ = _saved.Task.Exception;
        }
    }
}

/// <summary>A file of a declared unit.</summary>
public sealed class DeclaredArtifact
{
    /// <summary>A file that an upstream has.</summary>
    /// <param name="relativePath">Where it is below the unit's distribution.</param>
    /// <param name="url">Where it is fetched from, absolute.</param>
    public DeclaredArtifact(string relativePath, string url)
    {
        RelativePath = relativePath;
        Url = url;
    }

    /// <summary>A file that is stored already.</summary>
    /// <param name="relativePath">Where it is below the unit's distribution.</param>
    /// <param name="artifact">The stored file.</param>
    public DeclaredArtifact(string relativePath, Artifact artifact)
        : this(relativePath, "") => Artifact = artifact;

    /// <summary>A file that was received and is kept together with its unit.</summary>
    /// <param name="relativePath">Where it is below the unit's distribution.</param>
    /// <param name="file">The file; whoever staged it disposes it afterwards.</param>
    public DeclaredArtifact(string relativePath, StagedFile file)
        : this(relativePath, "") => Staged = file;

    /// <summary>
    /// A file that was fetched already, or that the plan wrote: it is kept as it is, whatever the remote's policy says. The plan may
    /// go on reading it.
    /// </summary>
    /// <param name="relativePath">Where it is below the unit's distribution.</param>
    /// <param name="file">The file; it stays where it is until the sync ends.</param>
    public DeclaredArtifact(string relativePath, FetchedFile file)
        : this(relativePath, (file ?? throw new ArgumentNullException(nameof(file))).Url)
    {
        Fetched = file;
        Sha256 = file.Sha256;
        Size = file.Size;
    }

    /// <summary>Where it is below the unit's distribution.</summary>
    public string RelativePath { get; }

    /// <summary>Where it is fetched from; empty when it is here already and comes from nowhere.</summary>
    public string Url { get; }

    /// <summary>Expected SHA-256, hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Other expected digests, hex, by algorithm name (<c>md5</c>, <c>sha1</c>, <c>sha224</c>, <c>sha384</c>, <c>sha512</c>).</summary>
    public IReadOnlyDictionary<string, string>? OtherDigests { get; init; }

    /// <summary>Expected bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Never fetched during a sync whatever the remote's policy says.</summary>
    public bool Deferred { get; init; }

    /// <summary>
    /// Upstream may not have it: where it answers 404 or 410 to a sync that fetches files, the unit is stored without it. With another
    /// policy it is listed, and not found when somebody asks for it.
    /// </summary>
    public bool Optional { get; init; }

    /// <summary>The stored file, once there is one.</summary>
    public Artifact? Artifact { get; internal set; }

    internal FetchedFile? Fetched { get; }

    /// <summary>Nothing has to be fetched for it.</summary>
    internal bool IsHere => Fetched is not null || Staged is not null;

    internal StagedFile? Staged { get; }
}
