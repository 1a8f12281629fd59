namespace Pulp.Core.Tasks;

/// <summary>What processes tell each other of tasks.</summary>
internal static class TaskChannels
{
    /// <summary>Tasks may have become runnable.</summary>
    public const string Runnable = "pulp_tasks";

    /// <summary>A task is to be cancelled; the payload is its id.</summary>
    public const string Cancel = "pulp_cancel";

    /// <summary>A task has ended that somebody waits for; the payload is its id.</summary>
    public const string Ended = "pulp_task_ends";
}
