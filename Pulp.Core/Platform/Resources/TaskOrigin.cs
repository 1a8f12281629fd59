namespace Pulp.Core.Platform.Resources;

/// <summary>Who asked for a task, and what it may reach.</summary>
internal sealed record TaskOrigin(Reach Reach, string CorrelationId, Guid? ParentTask)
{
    /// <summary>What is to be recorded of it, and of the tasks it sends.</summary>
    public IReadOnlyList<string> Diagnostics { get; init; } = [];

    /// <summary>The diagnostics as they are stored with a task.</summary>
    public string? ProfileOptions => Diagnostics.Count == 0 ? null : string.Join(',', Diagnostics);

    /// <summary>The same in the default domain.</summary>
    public TaskOrigin InDefaultDomain() => In(Reach.Scope.Default);

    /// <summary>The same in a domain.</summary>
    public TaskOrigin In(DomainScope domain) => this with { Reach = Reach.In(domain) };

    /// <summary>Nobody asked: the server itself did.</summary>
    public static TaskOrigin Server => new(Reach.Server, Guid.NewGuid().ToString("N"), null);
}

/// <summary>On whose behalf, for services that are made for one request or one task.</summary>
internal sealed class RequestOrigin
{
    public TaskOrigin Value { get; set; } = TaskOrigin.Server;
}
