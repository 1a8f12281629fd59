namespace Pulp.Core.Tasks;

/// <summary>A task as its API shows it.</summary>
internal sealed record TaskRecord : PulpResource
{
    [Field("The current state of the task.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In | Lookups.NotEqual)]
    public string State { get; init; } = "";

    [Field(
        "The name of task.",
        ReadOnly = true,
        Filter = Lookups.Exact | Lookups.In | Lookups.NotEqual | Lookups.Contains
    )]
    public string Name { get; init; } = "";

    [Field(
        "The logging correlation id associated with this task.",
        ReadOnly = true,
        Filter = Lookups.Exact | Lookups.Contains
    )]
    public string LoggingCid { get; init; } = "";

    [Field("Timestamp of when this task was identified ready for pickup.", ReadOnly = true, Filter = Lookups.Date)]
    public DateTimeOffset? UnblockedAt { get; init; }

    [Field("Timestamp of when this task started execution.", ReadOnly = true, Filter = Lookups.Date)]
    public DateTimeOffset? StartedAt { get; init; }

    [Field("Timestamp of when this task stopped execution.", ReadOnly = true, Filter = Lookups.Date)]
    public DateTimeOffset? FinishedAt { get; init; }

    [Field("Why the task failed or was canceled.", ReadOnly = true, Json = JsonShape.Any, NotSortable = true)]
    public string? Error { get; init; }

    [Field("The result of this task.", ReadOnly = true, Json = JsonShape.Any, NotSortable = true)]
    public string? Result { get; init; }

    [Field(
        "A list of resources required by that task.",
        ReadOnly = true,
        Json = JsonShape.ListOfStrings,
        NotSortable = true
    )]
    public string ReservedResourcesRecord { get; init; } = "[]";
}

/// <summary>A group of tasks as its API shows it.</summary>
internal sealed record TaskGroupRecord : PulpResource
{
    [Field("A description of the task group.", ReadOnly = true)]
    public string Description { get; init; } = "";

    [Field("Whether all tasks have been spawned for this task group.", ReadOnly = true)]
    public bool AllTasksDispatched { get; init; }
}

/// <summary>A worker as its API shows it.</summary>
internal sealed record WorkerRecord : PulpResource
{
    [Field("The name of the worker.", ReadOnly = true, Filter = Lookups.Text)]
    public string Name { get; init; } = "";

    [Field("Timestamp of the last time the worker talked to the service.", ReadOnly = true, Filter = Lookups.Date)]
    public DateTimeOffset LastHeartbeat { get; init; }

    [Field("Versions of the components installed.", ReadOnly = true, Json = JsonShape.Any)]
    public string Versions { get; init; } = "{}";
}
