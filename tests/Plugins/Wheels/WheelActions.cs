using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The configuration of a mirror.</summary>
public sealed record MirrorFile
{
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

    /// <summary>The number of lines.</summary>
    [Field("Lines that were read.")]
    public long Lines { get; init; }
}

/// <summary>What can be done with indexes beside what can be done with all repositories.</summary>
internal static class WheelActions
{
    /// <exception cref="ValidationException">It names no master.</exception>
    public static Task<ActionAnswer> FromBandersnatchAsync(
        KindActionRequest<MirrorFile> request,
        CancellationToken cancellationToken
    )
    {
        var lines = request.Body.Config.Split('\n');
        var master =
            lines.FirstOrDefault(l => l.StartsWith("master = ", StringComparison.Ordinal))
            ?? throw new ValidationException("config", "It names no master.");
        return Task.FromResult(
            ActionAnswer.Body(new MirrorOptions { Master = master["master = ".Length..], Lines = lines.Length })
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
