using Pulp.Host.Commands;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Tests;

/// <summary>What a plugin's migrations forgot is told at the start.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TableCheckTests(Engine engine)
{
    [Test]
    public async Task What_records_say_and_tables_lack_is_a_start_fault()
    {
        var fault = await Assert.ThrowsAsync<StartFault>(() =>
            TestServer.StartAsync(engine, extra: [new ForgetfulPlugin()])
        );

        Assert.That(
            fault?.Message.Split('\n')[1..].Select(line => line.Trim()),
            Is.EquivalentTo([
                "leaves.Leaf: the table leaves_leaf has no column colour for Colour; a migration has to add it.",
                "leaves.Leaf: Fallen may be null, but the column fallen of leaves_leaf not; its migration has to say Nullable().",
                "leaves.Leaf: [Unique] says tree, number, but the table leaves_leaf has no unique index over these and "
                    + "pulp_domain_id; its migration has to say UniqueInDomain(\"tree\", \"number\").",
                "leaves.LeafRemote: there is no table leaves_leafremote; a migration has to make it.",
            ])
        );
    }

    [Test]
    public async Task A_field_that_can_not_be_is_a_start_fault()
    {
        var fault = await Assert.ThrowsAsync<StartFault>(() =>
            TestServer.StartAsync(engine, extra: [new ListingPlugin()])
        );

        Assert.That(fault?.Message, Does.Contain("Counted.Names: a field can't be of type IReadOnlyList. "));
    }

    private sealed class ListingPlugin : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("listing", "1.0.0");

        public override void Configure(IPluginBuilder plugin)
        {
            plugin
                .Remote<ListingRemote>("listing")
                .Action<NoBody>(
                    "count",
                    "listing.view_listingremote",
                    (_, _) => Task.FromResult(ActionAnswer.Body(new Counted { Names = [] })),
                    new ActionOptions { Answers = ActionAnswers.Body<Counted>() }
                );
            plugin.Migrations(new M0001Listing());
        }
    }

    private sealed class M0001Listing() : Migration(1, "listing")
    {
        public override void Up(SchemaBuilder schema) =>
            schema.CreateDetailTable("listing_listingremote", "core_remote");
    }

    private sealed record ListingRemote : Remote;

    private sealed record Counted
    {
        [Field("Their names.")]
        public required IReadOnlyList<string> Names { get; init; }
    }

    private sealed class ForgetfulPlugin : PulpPlugin
    {
        public override PluginIdentity Identity { get; } = new("leaves", "1.0.0");

        public override void Configure(IPluginBuilder plugin)
        {
            plugin.Content<Leaf>("leaf", "leaves");
            plugin.Remote<LeafRemote>("leaf");
            plugin.Migrations(new M0001Leaves());
        }
    }

    private sealed class M0001Leaves() : Migration(1, "leaves")
    {
        public override void Up(SchemaBuilder schema) =>
            schema
                .CreateDetailTable("leaves_leaf", "core_content")
                .WithColumn("tree", ColumnType.Text)
                .WithColumn("number", ColumnType.BigInteger)
                .WithColumn("fallen", ColumnType.Timestamp)
                .UniqueInDomain("tree");
    }

    [Unique(nameof(Tree), nameof(Number))]
    public sealed record Leaf : Content
    {
        [Field("The tree.")]
        public required string Tree { get; init; }

        [Field("Its number on the tree.")]
        public required long Number { get; init; }

        [Field("When it fell.")]
        public DateTimeOffset? Fallen { get; init; }

        [Field("Its colour.")]
        public string Colour { get; init; } = "green";
    }

    public sealed record LeafRemote : Remote;
}
