using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>What tidies itself when its time is over, and nothing before.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HousekeepingTests(Engine engine) : ApiFixture(engine)
{
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    protected override void Configure(PulpSettings settings)
    {
        settings.UploadProtectionTime = 10;
        settings.TaskProtectionTime = 60;
    }

    [Test]
    public async Task Uploads_that_nobody_goes_on_with_are_removed_with_their_chunks()
    {
        var upload = (await Api.PostAsync("uploads/", new { size = 4 })).Href;
        using var chunk = PulpClient.Form("half"u8.ToArray()[..2], null);
        await Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            chunk,
            request => request.Content?.Headers.Add("Content-Range", "bytes 0-1/4")
        );
        var directory = Path.Combine(Server.Settings.MediaRoot, "upload", upload.TrimEnd('/').Split('/')[^1]);
        Assert.That(directory, Does.Exist);

        await TidyAsync(after: TimeSpan.FromMinutes(9));
        var early = await Api.GetAsync(upload);
        await TidyAsync(after: TimeSpan.FromMinutes(2));
        var late = await Api.GetAsync(upload);

        Assert.Multiple(() =>
        {
            Assert.That(early.Code, Is.EqualTo(200));
            Assert.That(late.Code, Is.EqualTo(404));
            Assert.That(directory, Does.Not.Exist);
        });
    }

    /// <summary>The row is stored behind the first piece.</summary>
    [Test]
    public async Task What_a_killed_process_had_received_of_a_first_piece_is_removed()
    {
        var directory = Path.Combine(Server.Settings.MediaRoot, "upload", "staged");
        var file = Path.Combine(Directory.CreateDirectory(directory).FullName, Guid.NewGuid().ToString());
        await File.WriteAllTextAsync(file, "half of it");
        File.SetLastWriteTimeUtc(file, _clock.GetUtcNow().UtcDateTime);

        await TidyAsync(after: TimeSpan.FromHours(23));
        var isThere = File.Exists(file);
        await TidyAsync(after: TimeSpan.FromHours(2));

        Assert.Multiple(() =>
        {
            Assert.That(isThere);
            Assert.That(file, Does.Not.Exist);
        });
    }

    [Test]
    public async Task Tasks_that_ended_long_ago_are_removed()
    {
        var repository = await Api.NewRepositoryAsync();
        var task = (await Api.PostAsync(repository + "modify/", new { })).Task;
        await Api.EndOfAsync(task);

        await TidyAsync(after: TimeSpan.FromMinutes(50));
        var early = await Api.GetAsync(task);
        await TidyAsync(after: TimeSpan.FromMinutes(11));
        var late = await Api.GetAsync(task);

        Assert.Multiple(() =>
        {
            Assert.That(early.Code, Is.EqualTo(200));
            Assert.That(late.Code, Is.EqualTo(404));
        });
    }

    private async Task TidyAsync(TimeSpan after)
    {
        _clock.Advance(after);
        await Server.Services.GetRequiredService<Housekeeping>().TidyAsync(CancellationToken.None);
    }
}
