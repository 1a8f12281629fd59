using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Repositories;

namespace Cards;

/// <summary>What a deal is to be of.</summary>
public sealed record Deal
{
    [Field("How many cards.")]
    public long Cards { get; init; } = 5;
}

/// <summary>What was dealt.</summary>
public sealed record Dealt
{
    [Field("The titles, as JSON.", Json = JsonShape.ListOfStrings)]
    public required string Titles { get; init; }
}

internal static class Dealing
{
    public static async Task<ActionAnswer> DealAsync(
        ActionRequest<CardRepository, Deal> request,
        CancellationToken cancellationToken
    )
    {
        var versions = request.Services.GetRequiredService<IRepositoryVersions>();
        var latest = await versions.LatestAsync(request.Resource.PulpId, cancellationToken);
        var titles = new List<string>();
        await foreach (var card in versions.ContentAsync<Card>(latest!, where: null, cancellationToken))
        {
            if (titles.Count < request.Body.Cards)
            {
                titles.Add(card.Title);
            }
        }

        return ActionAnswer.Body(new Dealt { Titles = JsonSerializer.Serialize(titles) });
    }
}
