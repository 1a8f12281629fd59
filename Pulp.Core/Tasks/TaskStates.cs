namespace Pulp.Core.Tasks;

/// <summary>A task's states, as the wire calls them.</summary>
internal static class TaskStates
{
    public const string Waiting = "waiting";
    public const string Skipped = "skipped";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Canceled = "canceled";
    public const string Canceling = "canceling";

    public static IReadOnlyList<string> All { get; } =
    [Waiting, Skipped, Running, Completed, Failed, Canceled, Canceling];

    public static IReadOnlyList<string> Final { get; } = [Skipped, Completed, Failed, Canceled];
}

/// <summary>How a task ended.</summary>
internal abstract record TaskOutcome
{
    private TaskOutcome() { }

    public sealed record Completed(string? ResultJson) : TaskOutcome;

    public sealed record Failed(string ErrorJson) : TaskOutcome;

    public sealed record Canceled(string? Reason) : TaskOutcome;
}

/// <summary>The task was taken away from its worker, which was believed dead: nothing it does may count any more.</summary>
internal sealed class TaskLostException()
    : PulpException("The task was taken from this worker, which was thought to be gone.")
{
    public override string Code => "PLP0010";

    public override int Status => 409;
}

/// <summary>Removes what a task that didn't complete has left half-made.</summary>
internal interface ITaskLeftovers
{
    Task RemoveAsync(IDb tx, Guid taskId, CancellationToken cancellationToken);
}
