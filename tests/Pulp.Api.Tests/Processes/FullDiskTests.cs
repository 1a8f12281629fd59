namespace Pulp.Api.Tests.Processes;

/// <summary>A real disk that is full: the embedded database and the files are on it.</summary>
public sealed class FullDiskTests
{
    private SmallDisk? _disk;

    private SmallDisk Disk => _disk ?? throw new InvalidOperationException("Not mounted.");

    [SetUp]
    public async Task MountAsync()
    {
        if (!Engines.All.Contains(Engine.Sqlite))
        {
            Assert.Ignore("SQLite isn't among the databases of this run.");
        }

        _disk = await SmallDisk.MountAsync(megabytes: 24);
    }

    [TearDown]
    public async Task UnmountAsync()
    {
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }
    }

    private static Task<Answer> NewRepositoryAsync(ServerProcess server) =>
        server.Api.PostAsync(
            "repositories/file/file/",
            new { name = Guid.NewGuid().ToString(), description = new string('x', 100_000) }
        );

    [Test]
    public async Task A_server_on_a_full_disk_reads_on_and_writes_again_when_there_is_room()
    {
        await using var server = await ServerProcess.ServeAsync(Disk.Path, "");
        var repository = (await NewRepositoryAsync(server)).Href;

        Disk.Fill();
        var refused = new List<Answer>();
        for (var i = 0; i < 5; i++)
        {
            refused.Add(await NewRepositoryAsync(server));
        }

        var beat = await HeartbeatAsync(server);
        var read = await server.Api.GetAsync(repository);
        Disk.Free();
        var stored = await NewRepositoryAsync(server);

        Assert.Multiple(() =>
        {
            Assert.That(refused.Select(r => r.Code), Is.All.EqualTo(507), refused[^1].Text);
            Assert.That(read.Code, Is.EqualTo(200), read.Text);
            Assert.That(stored.Code, Is.EqualTo(201), stored.Text);
            Assert.That(async () => await HeartbeatAsync(server), Is.Not.EqualTo(beat).Soon());
        });
    }

    [Test]
    public async Task A_server_starts_on_a_full_disk_and_serves_what_is_there([Values] bool killed)
    {
        string repository;
        await using (var before = await ServerProcess.ServeAsync(Disk.Path, ""))
        {
            repository = (await NewRepositoryAsync(before)).Href;
            if (killed)
            {
                await before.KillAsync();
            }
            else
            {
                await before.TerminateAsync();
            }
        }

        Disk.Fill();
        await using var server = await ServerProcess.ServeAsync(Disk.Path, "");
        var read = await server.Api.GetAsync(repository);
        var refused = await NewRepositoryAsync(server);
        Disk.Free();
        var stored = await NewRepositoryAsync(server);

        Assert.Multiple(() =>
        {
            Assert.That(read.Code, Is.EqualTo(200), read.Text);
            Assert.That(refused.Code, Is.EqualTo(507), refused.Text);
            Assert.That(stored.Code, Is.EqualTo(201), stored.Text);
            Assert.That(
                async () => (await server.Api.GetAsync("workers/?online=true")).Results.Count,
                Is.EqualTo(2).Soon(),
                "it signs on as soon as it can"
            );
        });
    }

    [Test]
    public async Task A_sync_without_room_says_so_and_succeeds_when_there_is_some()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.With("large", new byte[12 * 1024 * 1024]).Listed();
        await using var server = await ServerProcess.ServeAsync(Disk.Path, "");
        var remote = await server.Api.NewRemoteAsync(upstream.Manifest);
        var repository = await server.Api.NewRepositoryAsync();

        Disk.Fill(leave: 4);
        var failed = await server.Api.SyncAsync(repository, remote);
        Disk.Free();
        var sync = await server.Api.SyncAsync(repository, remote);

        Assert.Multiple(() =>
        {
            Assert.That((string?)failed["error"]?["error_code"], Is.EqualTo("PLP0507"), failed.ToJsonString());
            Assert.That((string?)failed["error"]?["description"], Does.Contain("No space left"));
            Assert.That((string?)sync["state"], Is.EqualTo("completed"), sync.ToJsonString());
        });
    }

    private static async Task<string?> HeartbeatAsync(ServerProcess server) =>
        (string?)(await server.Api.GetAsync("status/")).Json?["online_api_apps"]?[0]?["last_heartbeat"];
}
