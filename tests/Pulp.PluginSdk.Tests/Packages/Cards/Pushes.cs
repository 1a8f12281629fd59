using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyModel;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Sync;

namespace Cards;

/// <summary>The protocol: cards are pushed one by one, then a hand of them, which makes a version of the repository.</summary>
internal static class Pushes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("fallbacks", () => new RuntimeFallbacks("cards", "clubs").Fallbacks).AllowAnonymous();
        routes.MapPut("{repository}/cards/{title}", PushCardAsync);
        routes.MapPut("{repository}/hands/{name}", PushHandAsync);
    }

    private static async Task<IResult> PushCardAsync(
        string repository,
        string title,
        HttpRequest request,
        IAccess access,
        IResources resources,
        IArtifacts artifacts,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var id = await WritableAsync(repository, access, resources, cancellationToken);
        await using var picture = await artifacts.StageAsync(request.Body, FileExpectation.None, cancellationToken);
        var version = await versions.ChangeAsync(
            id,
            (draft, token) =>
                draft.AddAsync(
                    [
                        new DeclaredContent(
                            new Card { Title = title, Digest = picture.Sha256 },
                            new DeclaredArtifact(title, picture)
                        ),
                    ],
                    token
                ),
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    private static async Task<IResult> PushHandAsync(
        string repository,
        string name,
        HttpRequest request,
        IAccess access,
        IResources resources,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var id = await WritableAsync(repository, access, resources, cancellationToken);
        using var reader = new StreamReader(request.Body);
        var titles = (await reader.ReadToEndAsync(cancellationToken)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        var version = await versions.ChangeAsync(
            id,
            async (draft, token) =>
            {
                var cards = new List<Guid>();
                await foreach (var card in draft.ContentAsync<Card>($"d.title in {titles}", token))
                {
                    cards.Add(card.PulpId);
                }

                if (cards.Count != titles.Length)
                {
                    throw new ConflictException("The repository doesn't have all of these cards.");
                }

                var hand = new Hand
                {
                    Player = access.Current?.Username ?? "",
                    Name = name,
                    Held = string.Join(' ', titles),
                };
                await draft.AddAsync(
                    [
                        new DeclaredContent(hand)
                        {
                            References = new Dictionary<string, IReadOnlyCollection<Guid>> { ["cards"] = cards },
                        },
                    ],
                    token
                );
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    private static async Task<Guid> WritableAsync(
        string name,
        IAccess access,
        IResources resources,
        CancellationToken cancellationToken
    )
    {
        if (await resources.FindAsync<CardRepository>($"m.name = {name}", cancellationToken) is not [var repository])
        {
            throw new NotFoundException("There is no such repository.");
        }

        return await access.HoldsAsync(access.Current, "cards.modify_cardrepository", repository, cancellationToken)
            ? repository.PulpId
            : throw new ForbiddenException("You may not push.");
    }
}
