using System.Text;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>Lists of what nothing refers to.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OrphanedForTests(Engine engine) : ApiFixture(engine)
{
    [Test]
    public async Task What_nothing_refers_to_is_listed_by_how_long_that_has_been_so()
    {
        var name = PulpClient.Unique();
        var unit = await Api.UploadAsync(
            "content/file/files/upload/",
            Encoding.UTF8.GetBytes(name),
            new { relative_path = name }
        );
        var alone = await Api.UploadAsync("artifacts/", Encoding.UTF8.GetBytes(name + " alone"));
        var used = (string?)unit.Json?["artifact"];

        var (units, artifacts) = (await ListAsync("content/file/files/", 0), await ListAsync("artifacts/", 0));
        var old = await ListAsync("content/file/files/", 60);
        var wrong = await Api.GetAsync("artifacts/?orphaned_for=long");
        var repository = (await Api.PostAsync("repositories/file/file/", new { name })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit.Href } })
        );
        var held = await ListAsync("content/file/files/", 0);

        Assert.Multiple(() =>
        {
            Assert.That(units, Does.Contain(unit.Href));
            Assert.That(artifacts, Does.Contain(alone.Href).And.Not.Contain(used));
            Assert.That(old, Is.Empty);
            Assert.That(held, Does.Not.Contain(unit.Href));
            Assert.That(wrong.Code, Is.EqualTo(400));
        });
    }

    private async Task<IReadOnlyList<string?>> ListAsync(string path, int minutes) =>
        [.. (await Api.GetAsync($"{path}?orphaned_for={minutes}")).Results.Select(r => (string?)r["pulp_href"])];
}
