namespace Pulp.Api.Tests.Resources;

/// <summary>Pages far behind the first, which are found in another way than those before.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class DeepPageTests(Engine engine) : ApiFixture(engine)
{
    private const int Many = 2_300;

    [TestCase("")]
    [TestCase("&ordering=size,pulp_created")]
    public async Task Pages_of_any_depth_are_the_list_one_after_the_other(string more)
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Many),
            async (i, _) =>
                Assert.That((await Api.PostAsync("uploads/", new { size = 1 + (i % 7) })).Code, Is.EqualTo(201))
        );
        var all = await HrefsAsync($"limit=10000{more}");

        var paged = new List<string>();
        for (var offset = 0; offset < all.Count; offset += 450)
        {
            paged.AddRange(await HrefsAsync($"limit=450&offset={offset}{more}"));
        }

        Assert.That(all, Has.Count.GreaterThanOrEqualTo(Many).And.Unique);
        Assert.That(paged, Is.EqualTo(all));
    }

    private async Task<IReadOnlyList<string>> HrefsAsync(string query) =>
        [
            .. (await Api.GetAsync($"uploads/?fields=pulp_href&{query}")).Results.Select(r =>
                (string?)r["pulp_href"] ?? ""
            ),
        ];
}
