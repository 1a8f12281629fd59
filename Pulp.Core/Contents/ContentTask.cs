using System.Text.Json;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Contents;

/// <summary>The task side: creates a unit, and puts it into a repository where one was named.</summary>
internal sealed class ContentTask(
    ContentCreation creation,
    VersionCompletion completion,
    ArtifactStore artifacts,
    ResourceRegistry registry,
    RepositoryKeys keys,
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
        var reach = TaskContext.Of(task).Reach;
        IReadOnlyList<Content> created;
        if (args.Repository is { } repository)
        {
            created = await CreateInAsync(repository, args, task, cancellationToken);
        }
        else
        {
            created = await creation.CreateAsync(args, reach, cancellationToken);
            Tell(task, created);
        }

        return registry.TryModel(args.Model, out var kind)
            ? await reader.FindAsync(kind, reach, created[0].PulpId, CancellationToken.None)
            : null;
    }

    private async Task<IReadOnlyList<Content>> CreateInAsync(
        Guid repository,
        CreateContentArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var kept = new List<Artifact>();
        try
        {
            return await creation.CreateAsync(
                args,
                TaskContext.Of(task).Reach,
                (declared, held) => AddAsync(repository, args, declared, held, kept, task, cancellationToken),
                cancellationToken
            );
        }
        catch (Exception error) when (kept.Count > 0 && error is not DatabaseUnavailableException)
        {
            // Of a commit that broke off nobody knows whether it counted: then the files stay.
            await artifacts.RemoveUnstoredAsync(kept, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Stores a unit together with the version that holds it.</summary>
    private async Task<IReadOnlyList<Content>> AddAsync(
        Guid repository,
        CreateContentArgs args,
        DeclaredContent declared,
        StorageLock held,
        List<Artifact> kept,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<Content> units = [];
        await completion.MakeAsync(
            repository,
            baseVersion: null,
            task,
            async builder =>
            {
                var domain = TaskContext.Of(task).Reach.Domain;
                units = await creation.SaveAsync(domain, builder.Database, declared, kept, cancellationToken);
                Guid[] ids = [.. units.Select(u => u.PulpId)];
                if (!args.Overwrite)
                {
                    await OverwriteRule.EnsureNothingReplacedAsync(
                        builder.Database,
                        keys.Of(builder.RepositoryType),
                        repository,
                        ids,
                        [],
                        cancellationToken
                    );
                }

                builder.AddAtEnd(ids);
            },
            cancellationToken,
            made: async () =>
            {
                Tell(task, units);
                // A publication may follow, which takes long: who removes artifacts doesn't wait for that.
                await held.DisposeAsync();
            }
        );
        return units;
    }

    private void Tell(ITaskContext task, IReadOnlyList<Content> created)
    {
        foreach (var unit in created)
        {
            var kind = registry.For(unit.GetType());
            task.Created(kind.Href(TaskContext.Of(task).Reach.Scope, unit.PulpId), kind.Prn(unit.PulpId));
        }
    }
}
