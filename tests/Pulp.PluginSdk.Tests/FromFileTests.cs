namespace Pulp.PluginSdk.Tests;

/// <summary>Units that a plugin reads from the files that clients send.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FromFileTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task A_wheel_tells_its_own_fields()
    {
        var made = await Api.UploadAsync(
            "content/wheels/wheels/upload/",
            TestWheel.Make("tea", "1.0", "For two"),
            new { filename = "tea-1.0-py3-none-any.whl" }
        );

        var found = await Api.GetAsync("content/wheels/wheels/?name=tea&version=1.0");
        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That((string?)made.Json?["name"], Is.EqualTo("tea"));
            Assert.That((string?)made.Json?["version"], Is.EqualTo("1.0"));
            Assert.That((string?)made.Json?["summary"], Is.EqualTo("For two"));
            Assert.That(found.Results, Has.Count.EqualTo(1), "however many files it has");
            Assert.That((string?)found.Results[0]["artifact"], Is.EqualTo((string?)made.Json?["artifact"]));
        });
    }

    [Test]
    public async Task The_metadata_is_served_beside_it()
    {
        var repository = (await Api.PostAsync("repositories/wheels/wheel/", new { name = PulpClient.Unique() })).Href;
        var path = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/wheels/wheel/",
                new
                {
                    name = path,
                    base_path = path,
                    repository,
                }
            )
        );

        await Api.CompletedAsync(
            await Api.UploadAsync(
                "content/wheels/wheels/",
                TestWheel.Make("coffee", "2.0", "Black"),
                new { filename = "coffee-2.0.whl", repository }
            )
        );

        var wheel = await Api.GetAsync($"/pulp/content/{path}/coffee-2.0.whl");
        var metadata = await Api.GetAsync($"/pulp/content/{path}/coffee-2.0.whl.metadata");
        Assert.Multiple(() =>
        {
            Assert.That(wheel.Code, Is.EqualTo(200));
            Assert.That(metadata.Text, Does.Contain("Name: coffee"));
        });
    }

    [Test]
    public async Task A_field_may_be_empty()
    {
        var made = await Api.UploadAsync(
            "content/wheels/wheels/upload/",
            TestWheel.Make("quiet", "1.0", ""),
            new { filename = "quiet-1.0.whl" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(made.Code, Is.EqualTo(201), made.Text);
            Assert.That((string?)made.Json?["summary"], Is.Empty);
        });
    }

    [Test]
    public async Task What_is_wrong_with_a_file_is_said()
    {
        var noZip = await Api.UploadAsync(
            "content/wheels/wheels/upload/",
            Encoding.UTF8.GetBytes("no zip"),
            new { filename = "no.whl" }
        );
        var climbing = await Api.UploadAsync(
            "content/wheels/wheels/upload/",
            TestWheel.Make("climbs", "1.0", ""),
            new { filename = "../climbs.whl" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(noZip.Code, Is.EqualTo(400));
            Assert.That(noZip.Json?["file"]?[0]?.ToString(), Is.EqualTo("This is not a wheel: it is no zip archive."));
            Assert.That(climbing.Code, Is.EqualTo(400));
        });
    }
}
