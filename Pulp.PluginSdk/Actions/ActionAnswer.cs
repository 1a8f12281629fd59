namespace Pulp.PluginSdk.Actions;

/// <summary>What an action answers: one of the records in here, the one that its declaration says.</summary>
public abstract record ActionAnswer
{
    private ActionAnswer() { }

    /// <summary>A task was sent: 202 with its href.</summary>
    /// <param name="task">Id of the task.</param>
    public static ActionAnswer Started(Guid task) => new StartedTask { Id = task };

    /// <summary>Tasks were sent as a group: 202 with its href.</summary>
    /// <param name="group">Id of the group.</param>
    public static ActionAnswer StartedGroup(Guid group) => new StartedTasks { Id = group };

    /// <summary>A resource, as reading it shows it.</summary>
    /// <param name="resource">Its id.</param>
    public static ActionAnswer Show(Guid resource) => new ShownResource { Id = resource };

    /// <summary>A body of the action's own.</summary>
    /// <param name="value">A record whose fields are the members.</param>
    public static ActionAnswer Body(object value) => new ShownBody { Value = value };

    /// <summary>See <see cref="Started"/>.</summary>
    public sealed record StartedTask : ActionAnswer
    {
        /// <summary>Id of the task.</summary>
        public required Guid Id { get; init; }
    }

    /// <summary>See <see cref="StartedGroup"/>.</summary>
    public sealed record StartedTasks : ActionAnswer
    {
        /// <summary>Id of the group.</summary>
        public required Guid Id { get; init; }
    }

    /// <summary>See <see cref="Show"/>.</summary>
    public sealed record ShownResource : ActionAnswer
    {
        /// <summary>Id of the resource.</summary>
        public required Guid Id { get; init; }
    }

    /// <summary>See <see cref="Body"/>.</summary>
    public sealed record ShownBody : ActionAnswer
    {
        /// <summary>A record whose fields are the members.</summary>
        public required object Value { get; init; }
    }
}
