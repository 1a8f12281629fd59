namespace Pulp.Api.Tests.Serving;

/// <summary>Listings of content, as people and crawlers read them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ListingTests(Engine engine) : ApiFixture(engine)
{
    private async Task<string> PublishedAsync()
    {
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        return (await Api.NewDistributionAsync(new { repository })).Path;
    }

    [Test]
    public async Task The_title_is_the_whole_path_and_only_the_root_has_no_way_up()
    {
        Upstream.With("sub/a", "1").Listed();
        var path = await PublishedAsync();

        var root = (await Api.GetAsync("/pulp/content/")).Text;
        var top = (await Api.GetAsync(path)).Text;
        var below = (await Api.GetAsync(path + "sub/")).Text;

        Assert.Multiple(() =>
        {
            Assert.That(root, Does.Contain("<title>Index of /pulp/content/</title>").And.Not.Contain("../"));
            Assert.That(top, Does.Contain($"<title>Index of {path}</title>").And.Contain("<a href=\"../\">../</a>"));
            Assert.That(below, Does.Contain($"<title>Index of {path}sub/</title>").And.Contain("<a href=\"../\">"));
        });
    }

    [Test]
    public async Task Sizes_are_readable_and_names_keep_their_column()
    {
        var name = new string('n', 200) + " <b>&\".txt";
        Upstream.With(name, "1").With("kilo", new byte[1_234]).With("mega", new byte[2_500_000]).Listed();
        var path = await PublishedAsync();

        var page = await Api.GetAsync(path);
        using var encoded = await Api.Http.GetAsync(path + Uri.EscapeDataString(name));

        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.Contain("1 Byte<").And.Contain("1.2 kB<").And.Contain("2.5 MB<"));
            Assert.That(page.Text, Does.Contain("&lt;b&gt;&amp;&quot;.txt</a></td>").And.Not.Contain("<b>"));
            Assert.That(page.Text, Does.Contain("href=\"./" + Uri.EscapeDataString(name)));
            Assert.That(page.Text, Does.Contain("overflow-wrap").And.Contain("prefers-color-scheme"));
            Assert.That(page.Text, Does.Not.Contain("<script"));
            Assert.That(page.Headers.Contains("Content-Security-Policy"));
            Assert.That((int)encoded.StatusCode, Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_distribution_without_anything_to_serve_is_not_found()
    {
        var (_, nothing) = await Api.NewDistributionAsync(new { });
        var (_, unpublished) = await Api.NewDistributionAsync(new { repository = await Api.NewRepositoryAsync() });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(nothing)).Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync(nothing + "a")).Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync(unpublished)).Code, Is.EqualTo(404));
        });
    }
}
