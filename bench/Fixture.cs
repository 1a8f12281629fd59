using System.Text;

namespace Pulp.Bench;

/// <summary>Files, an nginx on loopback that serves them, and a server beside it.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    private readonly FreshDisk _disk;
    private readonly string _root;
    private ServerProcess? _server;

    private Fixture(FreshDisk disk)
    {
        _disk = disk;
        _root = disk.Path;
    }

    /// <summary>What nginx serves.</summary>
    public string Files { get; private init; } = "";

    public const string Nginx = "http://127.0.0.1:8097";

    /// <summary>Address of the database; empty is SQLite in the server's directory.</summary>
    public string Database { get; private init; } = "";

    /// <summary>The server's own directory.</summary>
    public string DataDir => Path.Combine(_root, "data");

    /// <summary>For scripts and the like.</summary>
    public string Scratch => _root;

    public IReadOnlyList<int> Process => [Server.Id];

    public ServerProcess Server => _server ?? throw new InvalidOperationException("No server.");

    public PulpClient Api => Server.Api;

    public static string[] Headers =>
        ["Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + TestServer.Password))];

    /// <summary>The master has no work; its workers are found by their title.</summary>
    public IReadOnlyList<int> NginxProcesses =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Where(d => int.TryParse(Path.GetFileName(d), out _) && IsNginxWorker(d))
                .Select(d => int.Parse(Path.GetFileName(d), System.Globalization.CultureInfo.InvariantCulture)),
        ];

    private static bool IsNginxWorker(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"))
                .StartsWith("nginx: worker", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // It ended while we looked.
        }
    }

    public static async Task<Fixture> StartAsync(string work, string database)
    {
        var disk = await FreshDisk.MountAsync(Path.Combine(work, "run-" + Guid.NewGuid().ToString("N")[..8]));
        var fixture = new Fixture(disk) { Files = Path.Combine(work, "files"), Database = database };
        await fixture.StartNginxAsync(work);
        await fixture.StartServerAsync();
        return fixture;
    }

    /// <summary>Starts the server on what there is; one that runs is stopped before.</summary>
    public async Task StartServerAsync(params string[] more)
    {
        await StopServerAsync();
        _server = await StartAnotherAsync(more);
    }

    /// <summary>Another process on the same data.</summary>
    public Task<ServerProcess> StartAnotherAsync(params string[] more) =>
        ServerProcess.ServeAsync(DataDir, Database, more);

    public async Task StopServerAsync()
    {
        if (_server is not null)
        {
            await _server.TerminateAsync();
            await _server.DisposeAsync();
            _server = null;
        }
    }

    private async Task StartNginxAsync(string work)
    {
        var configuration = Path.Combine(_root, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            worker_processes 2; pid {{_root}}/nginx.pid; error_log {{_root}}/nginx.log; daemon on; user {{Environment.UserName}};
            events { worker_connections 1024; }
            http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; autoindex on;
                   server { listen 127.0.0.1:8097; root {{work}}/files; } }
            """
        );
        await Measuring.RunAsync("/usr/sbin/nginx", ["-c", configuration]);
    }

    /// <summary>A repository with what nginx serves under a directory, distributed; answers repository and content path.</summary>
    public async Task<(string Repository, string Path, double Seconds)> MirrorAsync(string directory, string policy)
    {
        var remote = await Api.NewRemoteAsync($"{Nginx}/{directory}/PULP_MANIFEST", policy);
        var repository = await Api.NewRepositoryAsync(
            new
            {
                remote,
                autopublish = true,
                manifest = (string?)null,
            }
        );
        var seconds = await SecondsOfAsync((await Api.PostAsync(repository + "sync/")).Task);
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        return (repository, path, seconds);
    }

    /// <summary>How long a task ran, by its own timestamps. Asked for rarely: asking costs CPU that the task could use.</summary>
    public async Task<double> SecondsOfAsync(string task)
    {
        while (true)
        {
            await Task.Delay(250);
            var answer = (await Api.GetAsync(task)).Json;
            switch ((string?)answer?["state"])
            {
                case "completed":
                    return (
                        (DateTimeOffset)answer["finished_at"]! - (DateTimeOffset)answer["started_at"]!
                    ).TotalSeconds;
                case "failed" or "canceled":
                    throw new InvalidOperationException(answer?.ToJsonString());
            }
        }
    }

    /// <summary>How many milliseconds a task ran that an answer has started; it is asked for without pause.</summary>
    public async Task<double> MillisecondsOfAsync(Answer started)
    {
        var task = await Api.CompletedAsync(started);
        return ((DateTimeOffset)task["finished_at"]! - (DateTimeOffset)task["started_at"]!).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        await Measuring.RunAsync("/usr/sbin/nginx", ["-c", Path.Combine(_root, "nginx.conf"), "-s", "stop"]);
        await _disk.DisposeAsync();
    }
}
