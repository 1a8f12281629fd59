namespace Pulp.Api.Tests.Resources;

/// <summary>Base paths are told apart by their segments.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BasePathTests(Engine engine) : ApiFixture(engine)
{
    [TestCase("one", "one/below", true)]
    [TestCase("one/below", "one", true)]
    [TestCase("one", "one2", false)]
    [TestCase("one", "one-x/y", false)]
    public async Task Base_paths_may_not_lie_inside_each_other(string first, string second, bool overlaps)
    {
        var prefix = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/file/file/",
                new { name = PulpClient.Unique(), base_path = $"{prefix}/{first}" }
            )
        );

        var answer = await Api.PostAsync(
            "distributions/file/file/",
            new { name = PulpClient.Unique(), base_path = $"{prefix}/{second}" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(overlaps ? 400 : 202));
            Assert.That(
                (string?)answer.Json?["base_path"]?["base_path"],
                overlaps ? Does.StartWith("Overlaps with existing distribution '") : Is.Null
            );
        });
    }

    [TestCase("/abs")]
    [TestCase("a/../b")]
    [TestCase("a//b")]
    [TestCase("sp ace")]
    public async Task Base_paths_that_trick_are_refused(string path)
    {
        var answer = await Api.PostAsync(
            "distributions/file/file/",
            new { name = PulpClient.Unique(), base_path = path }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["base_path"]?[0], Is.Not.Null);
        });
    }
}
