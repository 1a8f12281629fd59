namespace Pulp.PluginSdk.Actions;

/// <summary>How an action is called, and what it answers.</summary>
public sealed record ActionOptions
{
    /// <summary>GET instead of POST: it changes nothing, and takes no body.</summary>
    public bool IsGet { get; init; }

    /// <summary>What it answers; a task where nothing is said.</summary>
    public ActionAnswers Answers { get; init; } = ActionAnswers.Task;

    /// <summary>A few words for the API document; null for the verb.</summary>
    public string? Summary { get; init; }
}

/// <summary>What an action is declared to answer.</summary>
public sealed record ActionAnswers
{
    private ActionAnswers() { }

    /// <summary>A task: 202.</summary>
    public static ActionAnswers Task { get; } = new() { Status = 202 };

    /// <summary>A group of tasks: 202.</summary>
    public static ActionAnswers TaskGroup { get; } = new() { Status = 202, IsGroup = true };

    internal int Status { get; init; }

    internal bool IsGroup { get; init; }

    /// <summary>The record of the resource or body; null for tasks.</summary>
    internal Type? Record { get; init; }

    internal bool IsResource { get; init; }

    /// <summary>A resource of a kind that is declared, as reading it shows it.</summary>
    /// <typeparam name="T">The kind's record.</typeparam>
    /// <param name="status">200, or 201 where the action made it.</param>
    public static ActionAnswers Resource<T>(int status = 200)
        where T : Models.PulpResource =>
        new()
        {
            Status = status,
            Record = typeof(T),
            IsResource = true,
        };

    /// <summary>A body of the action's own.</summary>
    /// <typeparam name="T">A record whose fields are the members.</typeparam>
    /// <param name="status">200 or 201.</param>
    public static ActionAnswers Body<T>(int status = 200)
        where T : class => new() { Status = status, Record = typeof(T) };
}
