using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The configuration of a mirror.</summary>
public sealed record MirrorFile
{
    /// <summary>What the remote is to be called.</summary>
    [Field("The name of the remote.")]
    public required string Name { get; init; }

    /// <summary>The text.</summary>
    [Field("The mirror's configuration.", MaxLength = 200)]
    public required string Config { get; init; }
}

/// <summary>What a mirror's configuration says.</summary>
public sealed record MirrorOptions
{
    /// <summary>The first line.</summary>
    [Field("Where the mirror takes from.")]
    public required string Master { get; init; }
}

/// <summary>What can be done with indexes beside what can be done with all repositories.</summary>
internal static class WheelActions
{
    /// <exception cref="ValidationException">It names no master, or the remote's name is taken.</exception>
    public static async Task<ActionAnswer> FromBandersnatchAsync(
        KindActionRequest<MirrorFile> request,
        CancellationToken cancellationToken
    )
    {
        var master =
            request
                .Body.Config.Split('\n')
                .FirstOrDefault(l => l.StartsWith("master = ", StringComparison.Ordinal))
                ?["master = ".Length..]
            ?? throw new ValidationException("config", "It names no master.");
        var remote = await request
            .Services.GetRequiredService<IResources>()
            .CreateAsync(
                new WheelRemote
                {
                    Name = request.Body.Name,
                    Url = master,
                    RateLimit = 10,
                },
                cancellationToken
            );
        return ActionAnswer.Show(remote.PulpId);
    }

    /// <summary>A task for each of the repository's versions.</summary>
    public static async Task<ActionAnswer> ScanAllAsync(
        ActionRequest<WheelRepository, NoBody> request,
        CancellationToken cancellationToken
    )
    {
        var id = request.Resource.PulpId;
        var versions = await request.Db.QueryAsync<Guid>(
            $"select pulp_id from core_repositoryversion where repository_id = {id} and complete order by number",
            cancellationToken
        );
        return ActionAnswer.StartedGroup(
            await request.Tasks.SendGroupAsync(
                "Scanning all versions.",
                async (group, token) =>
                {
                    foreach (var (version, number) in versions.Select((v, n) => (v, (long)n)))
                    {
                        await request.Tasks.SendAsync<ScanTask, RepositoryVersionRef>(
                            new RepositoryVersionRef(version, id, number),
                            new DispatchOptions { Group = group },
                            token
                        );
                    }
                },
                cancellationToken
            )
        );
    }

    public static async Task<ActionAnswer> ScanAsync(
        VersionActionRequest<WheelRepository, NoBody> request,
        CancellationToken cancellationToken
    ) =>
        ActionAnswer.Started(
            await request.Tasks.SendAsync<ScanTask, RepositoryVersionRef>(
                request.Version,
                new DispatchOptions(),
                cancellationToken
            )
        );
}

/// <summary>Looks for known faults in a version's wheels.</summary>
[PulpTask("wheels.app.tasks.scan")]
public sealed class ScanTask : PulpTask<RepositoryVersionRef>
{
    /// <inheritdoc />
    public override Task<object?> RunAsync(
        RepositoryVersionRef args,
        ITaskContext task,
        CancellationToken cancellationToken
    ) => Task.FromResult<object?>(args);
}
