namespace Pulp.Core.Platform.Resources;

/// <summary>
/// What a piece of work may reach: the rows of one domain, on somebody's behalf. Made in three places: by the gate for a request, by
/// the claim of a task for what the task does, and explicitly for the server's own work.
/// </summary>
internal sealed record Reach
{
    private Reach(DomainScope scope, long? userId) => (Scope, UserId) = (scope, userId);

    /// <summary>
    /// The server itself, for what no user asked for: it finds rows of every domain, also those that are hidden from users. What it
    /// makes belongs to the default domain.
    /// </summary>
    public static Reach Server { get; } =
        new(DomainScope.Only, userId: null) { SeesHidden = true, IsEverywhere = true };

    /// <summary>The domain whose rows may be reached, and that new rows belong to.</summary>
    public DomainScope Scope { get; private init; }

    /// <summary>Its id.</summary>
    public Guid Domain => Scope.Id;

    /// <summary>On whose behalf; null for nobody.</summary>
    public long? UserId { get; }

    /// <summary>Which of the domain's rows may be seen; null for all of them.</summary>
    public ISight? Sight { get; private init; }

    /// <summary>Also rows that a kind hides from users, such as unfinished publications.</summary>
    public bool SeesHidden { get; private init; }

    /// <summary>Rows of all domains.</summary>
    public bool IsEverywhere { get; private init; }

    /// <summary>What a request of this user may reach, or a task that came of it.</summary>
    public static Reach Of(DomainScope domain, long? userId) => new(domain, userId);

    /// <summary>The same in a domain alone.</summary>
    public Reach In(DomainScope domain) => this with { Scope = domain, IsEverywhere = false };

    /// <summary>The same in all domains, for finding out why something isn't found.</summary>
    public Reach Everywhere() => this with { IsEverywhere = true };

    /// <summary>The same, where only what somebody may see is found.</summary>
    public Reach Within(ISight? sight) => this with { Sight = sight };

    /// <summary>The same for a task's inner work, which uses rows that users don't see.</summary>
    public Reach WithHidden() => this with { SeesHidden = true };
}
