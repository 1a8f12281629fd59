using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Cards.Migrations;

internal sealed class M0001Cards() : Migration(1, "cards")
{
    public override void Up(SchemaBuilder schema)
    {
        schema
            .CreateDetailTable("cards_card", "core_content")
            .WithColumn("title", ColumnType.Text)
            .WithColumn("digest", ColumnType.Text)
            .UniqueInDomain("title", "digest");
        schema
            .CreateDetailTable("cards_hand", "core_content")
            .WithColumn("player", ColumnType.Text)
            .WithColumn("name", ColumnType.Text)
            .WithColumn("held", ColumnType.Text)
            .UniqueInDomain("player", "name", "held");
        schema.CreateReferenceTable("cards_hand_cards");
        schema.CreateDetailTable("cards_cardremote", "core_remote");
        schema.CreateDetailTable("cards_cardrepository", "core_repository");
        schema
            .CreateDetailTable("cards_carddistribution", "core_distribution")
            .WithColumn("source_id", ColumnType.Uuid, c => c.Nullable().References("core_remote"));
        schema.CreateDetailTable("cards_playerguard", "core_contentguard").WithColumn("player", ColumnType.Text);
    }
}
