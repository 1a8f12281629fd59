namespace Pulp.Core.Platform.Resources;

/// <summary>
/// What a piece of work may reach: the rows of one domain, on somebody's behalf. Made in three places: by the gate for a request, by
/// the claim of a task for what the task does, and explicitly for the server's own work.
/// </summary>
internal sealed record Reach
{
    private Reach(Guid domain, long? userId, bool seesHidden)
    {
        Domain = domain;
        UserId = userId;
        SeesHidden = seesHidden;
    }

    /// <summary>The server itself, for what no user asked for: it also sees what is hidden from users.</summary>
    public static Reach Server { get; } = new(Domains.Default, userId: null, seesHidden: true);

    /// <summary>The domain whose rows may be reached, and that new rows belong to.</summary>
    public Guid Domain { get; }

    /// <summary>On whose behalf; null for nobody.</summary>
    public long? UserId { get; }

    /// <summary>Also rows that a kind hides from users, such as unfinished publications.</summary>
    public bool SeesHidden { get; }

    /// <summary>What a request of this user may reach, or a task that came of it.</summary>
    public static Reach Of(Guid domain, long? userId) => new(domain, userId, seesHidden: false);

    /// <summary>The same for a task's inner work, which uses rows that users don't see.</summary>
    public Reach WithHidden() => new(Domain, UserId, seesHidden: true);
}
