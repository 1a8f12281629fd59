using System.Text.Json;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.Core.Units;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Sync;

/// <summary>Arguments of a sync. The address replaces the remote's where an alternate content source reads a path of it.</summary>
internal sealed record SyncArgs(
    Guid Repository,
    Guid Remote,
    bool Mirror,
    bool Optimize,
    string? Url,
    Guid? AlternateSource
)
{
    /// <summary>The plan's own options, as JSON; null for their defaults.</summary>
    public string? Options { get; init; }
}

/// <summary>Syncs a repository of any kind by its plan. Its names on the wire are the plugins'.</summary>
internal sealed class SyncTask(
    Database database,
    ResourceStore store,
    ResourceReader reader,
    PluginCatalog plugins,
    ArtifactStore artifacts,
    FileStorage storage,
    Downloaders downloaders,
    Versions versions,
    VersionCompletion completion,
    ContentSaver saver,
    IServiceProvider services,
    TimeProvider clock,
    ILoggerFactory loggers
) : PulpTask<SyncArgs>
{
    /// <summary>The kind of remote that a kind of repository syncs from.</summary>
    public static Type RemoteTypeOf(RepositoryDeclaration declaration) => TypesOf(declaration)[1];

    /// <summary>The record of the options that its requests carry; null for none.</summary>
    public static Type? OptionsTypeOf(RepositoryDeclaration declaration) =>
        TypesOf(declaration) is [_, _, var options] ? options : null;

    private static Type[] TypesOf(RepositoryDeclaration declaration)
    {
        for (var type = declaration.SyncPlan; type is not null; type = type.BaseType)
        {
            if (
                type.IsGenericType
                && (
                    type.GetGenericTypeDefinition() == typeof(SyncPlan<,>)
                    || type.GetGenericTypeDefinition() == typeof(SyncPlan<,,>)
                )
            )
            {
                return type.GetGenericArguments();
            }
        }

        throw new InvalidOperationException($"{declaration.Record.Name} has no sync plan.");
    }

    private static object? OptionsOf(RepositoryDeclaration declaration, SyncArgs args) =>
        OptionsTypeOf(declaration) is not { } type ? null
        : args.Options is { } json ? JsonSerializer.Deserialize(json, type)
        : Activator.CreateInstance(type);

    public override async Task<object?> RunAsync(SyncArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var repository = await FindAsync<Repository>(args.Repository, "The repository is gone.", cancellationToken);
        var remote = await FindAsync<Remote>(args.Remote, "The remote is gone.", cancellationToken);
        if (plugins.Repository(repository.GetType()) is not { SyncPlan: { } planType } declaration)
        {
            throw new ConflictException("This type of repository can't be synced.");
        }

        var plan = (ISyncPlan)services.GetRequiredService(planType);
        using var downloader = downloaders.For(remote);
        var last = await LastSyncAsync(repository, cancellationToken);
        var host = new SyncHost(args, repository, remote, downloader, task, last)
        {
            Options = OptionsOf(declaration, args),
        };
        var builder = await versions.BeginAsync(repository.PulpId, baseVersion: null, task.TaskId, cancellationToken);
        host.Keep = (kind, where, token) =>
            builder.MarkPresentUpstreamWhereAsync(store.Registry.For(kind), where, token);
        var declared = host.GuardAsync(plan.DeclareAsync(host, cancellationToken), cancellationToken);
        await RunStagesAsync(declared, args, remote, downloader, builder, task, cancellationToken);
        VersionRow? version = null;
        if (host.Skipped)
        {
            await SaySkippedAsync(task);
            await builder.AbandonAsync(cancellationToken);
        }
        else
        {
            version = await completion.CompleteAsync(builder, task, cancellationToken);
            await RememberAsync(host, repository.PulpId, cancellationToken);
        }

        await ThenAsync(host, repository.PulpId, cancellationToken);
        return await EndAsync(args, task, version, cancellationToken);
    }

    private async Task<T> FindAsync<T>(Guid id, string otherwise, CancellationToken cancellationToken)
        where T : PulpResource =>
        (T?)await store.FindByMasterAsync(database, typeof(T), Reach.Server, id, cancellationToken)
        ?? throw new ConflictException(otherwise);

    /// <summary>Runs what was declared through the stages; what they opened is closed when it returns.</summary>
    private async Task RunStagesAsync(
        IAsyncEnumerable<DeclaredContent> declared,
        SyncArgs args,
        Remote remote,
        Downloader downloader,
        VersionBuilder builder,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var domain = TaskContext.Of(task).Domain.Id;
        var log = loggers.CreateLogger<AlternateSources>();
        using var alternates = new AlternateSources(domain, database, store, downloaders, log);
        await using var files = new SyncFiles(domain, artifacts, storage, alternates, downloader);
        var pipeline = new SyncPipeline(
            domain,
            artifacts,
            saver,
            alternates,
            files,
            remote,
            builder,
            task,
            args.Mirror
        );
        await pipeline.RunAsync(declared, cancellationToken);
    }

    private static async Task SaySkippedAsync(ITaskContext task)
    {
        await using var note = task.Progress(
            "Skipping Sync (no change from previous sync)",
            "sync.was_skipped",
            total: 1
        );
        note.Increment();
        note.Complete();
    }

    private async Task<object?> EndAsync(
        SyncArgs args,
        ITaskContext task,
        VersionRow? version,
        CancellationToken cancellationToken
    )
    {
        if (args.AlternateSource is { } source)
        {
            await database.ExecuteAsync(
                $"update core_alternatecontentsource set last_refreshed = {clock.GetUtcNow()} where pulp_id = {source}",
                cancellationToken
            );
        }

        return version is null
            ? null
            : await reader.FindAsync(
                store.Registry.For<RepositoryVersionRecord>(),
                TaskContext.Of(task).Reach.WithHidden(),
                version.PulpId,
                CancellationToken.None
            );
    }

    private async Task<LastSync?> LastSyncAsync(Repository repository, CancellationToken cancellationToken)
    {
        var row = await database.FirstOrDefaultAsync<LastSyncRow>(
            $"""
            select last_sync, (select max(number) from core_repositoryversion v
                                where v.repository_id = {repository.PulpId} and v.complete) as number
              from core_repository where pulp_id = {repository.PulpId}
            """,
            cancellationToken
        );
        return row?.LastSync is { } json
            ? JsonSerializer.Deserialize<LastSync>(json, WireJson.Options) is { } last && last.Version == row.Number
                ? last
                : null
            : null;
    }

    private async Task RememberAsync(SyncHost host, Guid repository, CancellationToken cancellationToken)
    {
        var latest = await versions.LatestAsync(database, repository, cancellationToken);
        var json = host.Fingerprint is null
            ? null
            : JsonSerializer.Serialize(host.ToLastSync(latest.Number), WireJson.Options);
        await database.ExecuteAsync(
            $"update core_repository set last_sync = {(json is null ? null : (object)new JsonText(json))} where pulp_id = {repository}",
            cancellationToken
        );
    }

    private async Task ThenAsync(SyncHost host, Guid repository, CancellationToken cancellationToken) =>
        await host.CompletedAsync(
            (await versions.LatestAsync(database, repository, cancellationToken)).ToRef(),
            cancellationToken
        );

    private sealed record LastSyncRow
    {
        public string? LastSync { get; init; }

        public long Number { get; init; }
    }
}
