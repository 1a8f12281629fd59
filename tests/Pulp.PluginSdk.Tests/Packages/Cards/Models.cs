using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Cards;

[Unique(nameof(Title), nameof(Digest))]
[RepositoryKey(nameof(Title))]
public sealed record Card : Content
{
    [Field("The card's title.", Filter = Lookups.Text)]
    public required string Title { get; init; }

    [Field("SHA-256 of its picture.", ReadOnly = true)]
    public string Digest { get; init; } = "";
}

[Unique(nameof(Player), nameof(Name), nameof(Held))]
[RepositoryKey(nameof(Player), nameof(Name))]
public sealed record Hand : Content
{
    [Field("Who pushed it.", Filter = Lookups.Text)]
    public required string Player { get; init; }

    [Field("Its name.", Filter = Lookups.Text)]
    public required string Name { get; init; }

    [Field("The titles of its cards.")]
    public required string Held { get; init; }
}

public sealed record CardRemote : Remote;

public sealed record CardRepository : Repository;

public sealed record CardDistribution : Distribution
{
    [Field("Where cards come from that the repository doesn't have.", References = typeof(Remote))]
    public Guid? Source { get; init; }
}

public sealed record PlayerGuard : ContentGuard
{
    [Field("Who may look.")]
    public required string Player { get; init; }
}
