using System.Text.Json;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Contents;

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
