using System.Security.Cryptography;

namespace Pulp.Api.Tests.Serving;

/// <summary>A full disk under the stored files, while the database has room.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FullStorageTests(Engine engine)
{
    private const int TooLarge = 3_000_000;
    private SmallDisk? _disk;
    private TestServer? _server;

    private PulpClient Api => _server?.Api ?? throw new InvalidOperationException("The server isn't started.");

    [SetUp]
    public async Task StartAsync()
    {
        _disk = await SmallDisk.MountAsync(megabytes: 1);
        _server = await TestServer.StartAsync(engine, settings => settings.MediaRoot = _disk.Path);
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            Directory.Delete(_server.Settings.DataDir, recursive: true);
        }

        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }
    }

    [Test]
    public async Task An_upload_is_507_and_leaves_nothing_behind()
    {
        var full = await Api.UploadAsync("artifacts/", RandomNumberGenerator.GetBytes(TooLarge));
        var small = await Api.UploadAsync("artifacts/", RandomNumberGenerator.GetBytes(100_000));

        Assert.That((full.Code, small.Code), Is.EqualTo((507, 201)));
        Assert.That((string?)full.Json?["detail"], Does.Contain("No space left on the server's disk"));
    }

    [Test]
    public async Task A_chunk_is_507()
    {
        var bytes = RandomNumberGenerator.GetBytes(TooLarge);
        var upload = (await Api.PostAsync("uploads/", new { size = bytes.Length })).Href;

        var full = await Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            PulpClient.Form(bytes, null),
            r =>
                r.Content?.Headers.TryAddWithoutValidation(
                    "Content-Range",
                    $"bytes 0-{bytes.Length - 1}/{bytes.Length}"
                )
        );

        Assert.That(full.Code, Is.EqualTo(507));
        Assert.That((await Api.GetAsync(upload)).Json?["chunks"]?.AsArray(), Is.Empty);
    }

    [TestCase(TooLarge)]
    [TestCase(60_000)]
    public async Task An_on_demand_file_is_507_or_cut_off_and_served_when_there_is_room(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.With("file", bytes).Listed();
        var remote = await Api.NewRemoteAsync(upstream.Manifest, "on_demand", new { max_retries = 0 });
        var repository = await Api.NewRepositoryAsync();
        await Api.SyncAsync(repository, remote);
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        _disk?.Fill();

        Assert.That(await StatusOrCutAsync(path + "file"), Is.EqualTo(507).Or.Null);
        _disk?.Free();
        Assert.That(await StatusOrCutAsync(path + "file"), size < TooLarge ? Is.EqualTo(200) : Is.EqualTo(507).Or.Null);
    }

    /// <summary>Null when the connection was cut: the client knows.</summary>
    private async Task<int?> StatusOrCutAsync(string path)
    {
        try
        {
            using var answer = await Api.Http.GetAsync(path);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
