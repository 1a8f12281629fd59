namespace Pulp.Core.Users;

/// <summary>A personal access token: what stands for an account where a password would say too much.</summary>
internal sealed record AccessToken
{
    /// <summary>Everything that the account may do, but for making tokens and sessions.</summary>
    public const string Full = "full";

    /// <summary>Nothing that changes anything.</summary>
    public const string ReadOnly = "read_only";

    public Guid PulpId { get; init; }

    public DateTimeOffset PulpCreated { get; init; }

    public long UserId { get; init; }

    public string Name { get; init; } = "";

    public string Scope { get; init; } = Full;

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To about five minutes.</summary>
    public DateTimeOffset? LastUsed { get; init; }
}

/// <summary>What is said of a new one.</summary>
internal sealed record NewAccessToken
{
    [Field("What it is for. No two tokens of an account have the same name.", MaxLength = 150)]
    public required string Name { get; init; }

    [Field("What it lets do.", Choices = [AccessToken.Full, AccessToken.ReadOnly])]
    public string Scope { get; init; } = AccessToken.Full;

    [Field("When it ends; null for never.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}
