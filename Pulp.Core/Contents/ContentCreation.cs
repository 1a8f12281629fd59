using System.Text.Json;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.Core.Units;
using Pulp.Core.Uploads;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

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
    public async Task<IReadOnlyList<Content>> CreateAsync(
        CreateContentArgs args,
        Reach reach,
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
        var created = await SaveAsync(reach.Domain, declared, cancellationToken);
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

    private async Task<IReadOnlyList<Content>> SaveAsync(
        Guid domain,
        DeclaredContent declared,
        CancellationToken cancellationToken
    )
    {
        await saver.KeepStagedAsync(domain, database, [declared], cancellationToken);
        await saver.SaveAsync(domain, [new SyncItem(declared)], remote: null, cancellationToken);
        var followers = declared.Followers?.Invoke(declared.Content.PulpId) ?? [];
        await saver.KeepStagedAsync(domain, database, followers, cancellationToken);
        await saver.SaveAsync(domain, [.. followers.Select(f => new SyncItem(f))], remote: null, cancellationToken);
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

/// <summary>A remote made of a request's network settings, for one download.</summary>
internal static class NetworkConfig
{
    public static Remote ToRemote(string url, string? config)
    {
        var given = config is null
            ? new Settings()
            : JsonSerializer.Deserialize<Settings>(config, WireJson.Options) ?? new Settings();
        return new OneOff
        {
            Name = "downloader_config",
            Url = url,
            CaCert = given.CaCert,
            ClientCert = given.ClientCert,
            ClientKey = given.ClientKey,
            TlsValidation = given.TlsValidation ?? true,
            ProxyUrl = given.ProxyUrl,
            ProxyUsername = given.ProxyUsername,
            ProxyPassword = given.ProxyPassword,
            Username = given.Username,
            Password = given.Password,
            MaxRetries = given.MaxRetries,
            TotalTimeout = given.TotalTimeout,
            ConnectTimeout = given.ConnectTimeout,
            SockConnectTimeout = given.SockConnectTimeout,
            SockReadTimeout = given.SockReadTimeout,
            Headers = given.Headers?.GetRawText(),
            RateLimit = given.RateLimit,
        };
    }

    private sealed record OneOff : Remote;

    private sealed record Settings
    {
        public string? CaCert { get; init; }

        public string? ClientCert { get; init; }

        public string? ClientKey { get; init; }

        public bool? TlsValidation { get; init; }

        public string? ProxyUrl { get; init; }

        public string? ProxyUsername { get; init; }

        public string? ProxyPassword { get; init; }

        public string? Username { get; init; }

        public string? Password { get; init; }

        public long? MaxRetries { get; init; }

        public double? TotalTimeout { get; init; }

        public double? ConnectTimeout { get; init; }

        public double? SockConnectTimeout { get; init; }

        public double? SockReadTimeout { get; init; }

        public JsonElement? Headers { get; init; }

        public long? RateLimit { get; init; }
    }
}

/// <summary>The task side: creates a unit, and puts it into a repository where one was named.</summary>
internal sealed class ContentTask(
    Database database,
    ContentCreation creation,
    VersionCompletion completion,
    ResourceRegistry registry,
    RepositoryKeys keys,
    RepositoryTypes types,
    ResourceReader reader
)
{
    /// <summary>How units of this kind are created in the general task.</summary>
    public static KindBehavior Behavior() =>
        new()
        {
            CreateInTask = (services, body, task, cancellationToken) =>
                ActivatorUtilities
                    .CreateInstance<ContentTask>(services)
                    .RunAsync(
                        JsonSerializer.Deserialize<CreateContentArgs>(body, WireJson.Options)
                            ?? throw new InvalidOperationException("The task's arguments are missing."),
                        task,
                        cancellationToken
                    ),
        };

    public async Task<object?> RunAsync(CreateContentArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var created = await creation.CreateAsync(args, TaskContext.Of(task).Reach, cancellationToken);
        Guid[] ids = [.. created.Select(c => c.PulpId)];
        if (!registry.TryModel(args.Model, out var kind))
        {
            return null;
        }

        foreach (var unit in created)
        {
            var own = registry.For(unit.GetType());
            task.Created(own.Href(TaskContext.Of(task).Reach.Scope, unit.PulpId), own.Prn(unit.PulpId));
        }

        if (args.Repository is { } repository)
        {
            if (!args.Overwrite)
            {
                await OverwriteRule.EnsureNothingReplacedAsync(
                    database,
                    keys.Of((await types.KindAsync(repository, cancellationToken)).PulpType),
                    repository,
                    ids,
                    [],
                    cancellationToken
                );
            }

            await completion.MakeAsync(
                repository,
                baseVersion: null,
                task,
                builder => builder.AddAsync(ids, cancellationToken),
                cancellationToken
            );
        }

        return await reader.FindAsync(kind, TaskContext.Of(task).Reach, ids[0], CancellationToken.None);
    }
}
