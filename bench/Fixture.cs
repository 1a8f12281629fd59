using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Pulp.Testing;

namespace Pulp.Bench;

/// <summary>Files, an nginx on loopback that serves them, and a server beside it.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    private readonly string _root;
    private ServerProcess? _server;

    private Fixture(string root) => _root = root;

    /// <summary>What nginx serves.</summary>
    public string Files { get; private init; } = "";

    public const string Nginx = "http://127.0.0.1:8097";

    public ServerProcess Server => _server ?? throw new InvalidOperationException("No server.");

    public PulpClient Api => Server.Api;

    public static string Authorization =>
        "Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + TestServer.Password));

    /// <summary>The master has no work; its workers are found by their title.</summary>
    public IEnumerable<int> NginxProcesses =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(d => int.TryParse(Path.GetFileName(d), out _) && IsNginxWorker(d))
            .Select(d => int.Parse(Path.GetFileName(d), System.Globalization.CultureInfo.InvariantCulture));

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
        var root = Directory.CreateDirectory(Path.Combine(work, "run-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var fixture = new Fixture(root) { Files = Path.Combine(work, "files") };
        await fixture.StartNginxAsync(work);
        fixture._server = await ServerProcess.ServeAsync(Path.Combine(root, "data"), database);
        return fixture;
    }

    /// <summary>10,000 files of 1 KiB and one of 200 MB, made once.</summary>
    public static void MakeFiles(string work)
    {
        var files = Path.Combine(work, "files");
        if (File.Exists(Path.Combine(files, "small", "PULP_MANIFEST")))
        {
            return;
        }

        var manifest = new StringBuilder();
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = RandomNumberGenerator.GetBytes(1024);
            var path = $"d{i % 100}/f{i}.bin";
            Directory.CreateDirectory(Path.Combine(files, "small", $"d{i % 100}"));
            File.WriteAllBytes(Path.Combine(files, "small", path), bytes);
            manifest
                .Append(path)
                .Append(',')
                .Append(Convert.ToHexStringLower(SHA256.HashData(bytes)))
                .Append(",1024\n");
        }

        Directory.CreateDirectory(Path.Combine(files, "large"));
        var large = RandomNumberGenerator.GetBytes(200_000_000);
        File.WriteAllBytes(Path.Combine(files, "large", "large.bin"), large);
        File.WriteAllText(
            Path.Combine(files, "large", "PULP_MANIFEST"),
            $"large.bin,{Convert.ToHexStringLower(SHA256.HashData(large))},{large.Length}\n"
        );
        Directory.CreateDirectory(Path.Combine(files, "many"));
        File.WriteAllLines(
            Path.Combine(files, "many", "PULP_MANIFEST"),
            Enumerable
                .Range(0, 100_000)
                .Select(i =>
                    $"d{i % 1000}/f{i},{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(i)))},4"
                )
        );
        File.WriteAllText(Path.Combine(files, "small", "PULP_MANIFEST"), manifest.ToString());
    }

    private async Task StartNginxAsync(string work)
    {
        var configuration = Path.Combine(_root, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            worker_processes 2; pid {{_root}}/nginx.pid; error_log {{_root}}/nginx.log; daemon on; user {{Environment.UserName}};
            events { worker_connections 1024; }
            http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
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

    public async ValueTask DisposeAsync()
    {
        await Server.TerminateAsync();
        await Server.DisposeAsync();
        await Measuring.RunAsync("/usr/sbin/nginx", ["-c", Path.Combine(_root, "nginx.conf"), "-s", "stop"]);
    }
}
