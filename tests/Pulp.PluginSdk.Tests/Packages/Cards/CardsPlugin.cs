using Cards.Migrations;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;

namespace Cards;

/// <summary>Playing cards: files that are pushed by a protocol of its own, and hands that hold some of them.</summary>
public sealed class CardsPlugin : PulpPlugin
{
    public override void Configure(IPluginBuilder plugin)
    {
        plugin.Content<Card>("card", "cards");
        plugin.Content<Hand>("hand", "hands").RefersTo<Card>("cards_hand_cards", "cards");
        plugin.Remote<CardRemote>("card");
        plugin
            .Repository<CardRepository>("card")
            .Holds<Card>()
            .Holds<Hand>()
            .Action<Deal>(
                "deal",
                "cards.modify_cardrepository",
                Dealing.DealAsync,
                new ActionOptions { Answers = ActionAnswers.Body<Dealt>() }
            )
            .UsualRoles("change", "modify")
            .Access(AccessPolicy.Of(AccessStatement.Allow(["deal"], "may_deal:joker")));
        plugin.Distribution<CardDistribution>("card").AnsweredBy<Table>();
        plugin.ContentGuard<PlayerGuard>("player").AskedBy<PlayerCheck>();
        plugin.Condition("may_deal", (asked, token) => ValueTask.FromResult(asked.Caller?.Username != asked.Argument));
        plugin.Settings<Deck>(
            "",
            (deck, errors) =>
            {
                if (deck.DeckSize < 1)
                    errors.Add("DECK_SIZE", "There is no card.");
            }
        );
        plugin.Routes("/cards/", new MountOptions { MaxRequestBytes = 1024 * 1024 }, Pushes.Map);
        plugin.Migrations(new M0001Cards());
    }
}

public sealed class Deck
{
    public int DeckSize { get; set; } = 52;
}
