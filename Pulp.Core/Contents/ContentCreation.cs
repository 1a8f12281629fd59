using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.Core.Units;
using Pulp.Core.Uploads;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Contents;

/// <summary>Arguments of a unit's creation: its fields as they were given, and where its file is.</summary>
internal sealed record CreateContentArgs(
    string Model,
    StoredBody Body,
    Guid? Artifact,
    Guid? Upload,
    string? Url,
    string? DownloaderConfig,
    IReadOnlyDictionary<string, string> Digests,
    Guid? Repository,
    bool Overwrite
)
{
    /// <summary>What the client calls the file; null where it doesn't say.</summary>
    public string? FileName { get; init; }
}

/// <summary>Makes a unit from its one file, wherever that comes from.</summary>
internal sealed class ContentCreation(
    Database database,
    ResourceStore store,
    PluginCatalog plugins,
    FieldBinder binder,
    ContentSaver saver,
    ArtifactStore artifacts,
    FileStorage storage,
    ArtifactFiles files,
    UploadChunks chunks,
    Downloaders downloaders
)
{
    /// <summary>Whether a kind of repository holds a kind of content.</summary>
    public bool Holds(Type repository, Type content) => plugins.Repository(repository)?.Holds.Contains(content) == true;

    /// <summary>Creates the unit and those that come with it, or finds the ones that are the same. The unit itself is the first.</summary>
    public Task<IReadOnlyList<Content>> CreateAsync(
        CreateContentArgs args,
        Reach reach,
        CancellationToken cancellationToken
    ) =>
        CreateAsync(
            args,
            reach,
            (declared, _) => SaveAsync(reach.Domain, database, declared, kept: [], cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// The same for somebody who stores them in a transaction of his own (<see cref="SaveAsync"/>): he may end the hold on the artifacts
    /// as soon as that is committed.
    /// </summary>
    public async Task<IReadOnlyList<Content>> CreateAsync(
        CreateContentArgs args,
        Reach reach,
        Func<DeclaredContent, StorageLock, Task<IReadOnlyList<Content>>> save,
        CancellationToken cancellationToken
    )
    {
        if (
            !store.Registry.TryModel(args.Model, out var kind)
            || plugins.Content(kind.Record) is not { IsFromFile: true } declaration
        )
        {
            throw new ConflictException($"No installed component knows '{args.Model}'.");
        }

        await using var body = RequestBody.From(args.Body);
        var values = await BindAsync(kind, body, reach, cancellationToken);
        await using var file = await FetchAsync(args, reach, cancellationToken);
        if (args.Upload is not null && file is not null)
        {
            UploadRules.Verify(file, new Expectation(null, args.Digests));
        }

        await using var held = await artifacts.HoldAsync(cancellationToken);
        var artifact =
            file is not null ? await artifacts.SaveAsync(reach.Domain, file, cancellationToken)
            : args.Artifact is { } stored ? await store.FindAsync<Artifact>(database, reach, stored, cancellationToken)
            : null;
        if (artifact is null)
        {
            throw new ValidationException("artifact", "Invalid hyperlink - Object does not exist.");
        }

        // What the request says beside the unit's own fields.
        var input = declaration.Input is { } beside
            ? (await BindAsync(beside, body, reach, cancellationToken)).ToRecord<object>(beside)
            : null;
        await using var received = new ReceivedUnitFile(
            artifact,
            args.FileName,
            reach.UserId,
            database,
            storage,
            files
        );
        var declared = await declaration.Read(values.ToRecord<Content>(kind), input, received, cancellationToken);
        var created = await save(declared, held);
        if (args.Upload is { } upload)
        {
            await chunks.RemoveAsync(upload, CancellationToken.None);
        }

        return created;
    }

    /// <summary>Reads one of the records that a request's body is; what belongs to others it passes over.</summary>
    private async Task<FieldValues> BindAsync(
        ResourceKind kind,
        RequestBody body,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        var errors = new ValidationErrors();
        var values = await binder.BindAsync(
            kind,
            body,
            BindMode.Create,
            [.. body.Names],
            reach,
            errors,
            cancellationToken
        );
        errors.ThrowIfAny();
        return values;
    }

    /// <summary>Stores a unit and those that follow from it; the unit itself is the first that is answered.</summary>
    /// <param name="domain">Their domain.</param>
    /// <param name="session">Where they are stored.</param>
    /// <param name="declared">The unit.</param>
    /// <param name="kept">Is told of the files that came with them: nobody needs those if the session's transaction comes to nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<Content>> SaveAsync(
        Guid domain,
        SqlSession session,
        DeclaredContent declared,
        List<Artifact> kept,
        CancellationToken cancellationToken
    )
    {
        kept.AddRange(await saver.KeepStagedAsync(domain, session, [declared], cancellationToken));
        await saver.SaveAsync(domain, session, [declared], from: null, cancellationToken);
        var followers = declared.Followers?.Invoke(declared.Content.PulpId) ?? [];
        kept.AddRange(await saver.KeepStagedAsync(domain, session, followers, cancellationToken));
        await saver.SaveAsync(domain, session, followers, from: null, cancellationToken);
        return [declared.Content, .. followers.Select(f => f.Content)];
    }

    /// <summary>The file from wherever it has to be brought first; null when it is an artifact already.</summary>
    private async Task<TemporaryFile?> FetchAsync(
        CreateContentArgs args,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        if (args.Artifact is not null)
        {
            return null;
        }

        if (args.Upload is { } uploadId)
        {
            var upload =
                await store.FindAsync<Upload>(database, reach, uploadId, cancellationToken)
                ?? throw new ValidationException("upload", "Invalid hyperlink - Object does not exist.");
            return await chunks.AssembleAsync(upload, cancellationToken);
        }

        using var downloader = downloaders.For(NetworkConfig.ToRemote(args.Url ?? "", args.DownloaderConfig));
        return await downloader.DownloadAsync(args.Url ?? "", new Expectation(null, args.Digests), cancellationToken);
    }
}
