using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;

namespace Cards;

/// <summary>A page of all hands, from memory; cards that the repository doesn't have come from its remote and are added to it.</summary>
internal sealed class Table(IResources resources) : ContentHandler
{
    public override async ValueTask<ContentAnswer?> AnswerAsync(
        ContentRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Path == "hands")
        {
            var text = new StringBuilder();
            await foreach (var hand in request.Served.ContentAsync<Hand>(null, cancellationToken))
            {
                text.Append(hand.Player).Append(' ').Append(hand.Name).Append(": ").Append(hand.Held).Append('\n');
            }

            return new ContentAnswer.Bytes(Encoding.UTF8.GetBytes(text.ToString()), "text/plain")
            {
                Remember = Remember.WhileServed,
            };
        }

        if (request.Path.StartsWith("picture/", StringComparison.Ordinal))
        {
            return await PictureAsync(request.Served, request.Path["picture/".Length..], cancellationToken);
        }

        return null;
    }

    private async ValueTask<ContentAnswer?> PictureAsync(
        IServedDistribution served,
        string title,
        CancellationToken cancellationToken
    )
    {
        await foreach (var card in served.ContentAsync<Card>($"d.title = {title}", cancellationToken))
        {
            return new ContentAnswer.Unit(card.PulpId, title);
        }

        if (
            served.Distribution is not CardDistribution { Source: { } source } distribution
            || await resources.FindAsync<CardRemote>(source, cancellationToken) is not { } remote
        )
        {
            return new ContentAnswer.Missing("There is no such card.");
        }

        return new ContentAnswer.Upstream(
            remote,
            new DeclaredContent(new Card { Title = title }, new DeclaredArtifact(title, remote.Url + title)),
            AddTo: distribution.Repository
        )
        {
            Complete = (file, token) =>
                ValueTask.FromResult(
                    new DeclaredContent(
                        new Card { Title = title, Digest = file.Sha256 },
                        new DeclaredArtifact(title, file)
                    )
                ),
        };
    }
}

internal sealed class PlayerCheck : GuardCheck<PlayerGuard>
{
    public override ValueTask<GuardAnswer> AskAsync(
        PlayerGuard guard,
        GuardedRequest request,
        CancellationToken cancellationToken
    ) =>
        ValueTask.FromResult(
            request.Headers["X-Player"] == guard.Player ? GuardAnswer.Permitted : GuardAnswer.Refused("Not your table.")
        );
}
