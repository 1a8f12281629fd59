using System.Diagnostics;
using Npgsql;
using NUnit.Framework;

namespace Pulp.Testing;

/// <summary>The databases every fixture runs on.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary>Which engines there are in this run: PULP_TEST_DATABASES names them, otherwise both.</summary>
public static class Engines
{
    public static IEnumerable<Engine> All =>
        (Environment.GetEnvironmentVariable("PULP_TEST_DATABASES") ?? "sqlite,postgres")
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(name => Enum.Parse<Engine>(name, ignoreCase: true));
}

/// <summary>A PostgreSQL of the tests' own, started when the first test needs it, gone with the run.</summary>
public static class PostgresCluster
{
    /// <summary>Tests trade safety for speed; benchmarks don't.</summary>
    public static string Options { get; set; } = "-c fsync=off -c autovacuum=off";

    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static string? s_url;
    private static string? s_missing;

    /// <summary>Creates an empty database and answers its URL.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        await Gate.WaitAsync();
        try
        {
            s_url ??= s_missing is null ? await StartAsync() : null;
        }
        finally
        {
            Gate.Release();
        }

        if (s_url is null)
        {
            Assert.Ignore(s_missing ?? "There is no PostgreSQL.");
        }

        var name = "t" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={new Uri(s_url).Port};Username=pulp;Database=postgres"
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name is made here
        command.CommandText = $"create database {name}";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return $"{s_url}/{name}";
    }

    private static async Task<string?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("PULP_TEST_POSTGRES") is { Length: > 0 } given)
        {
            return given.TrimEnd('/');
        }

        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Select(d => Path.Combine(d, "bin"))
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;
        if (bin is null || !File.Exists(Path.Combine(bin, "initdb")))
        {
            s_missing =
                "PostgreSQL isn't installed here (no initdb below /usr/lib/postgresql); ./build.sh test installs it.";
            return null;
        }

        var directory = Directory.CreateTempSubdirectory("pulp-test-pg-").FullName;
        var port = FreePort();
        var user = Environment.UserName == "root" ? "postgres" : null;
        if (user is not null)
        {
            await RunAsync("chown", ["-R", user, directory], user: null);
        }

        var data = Path.Combine(directory, "data");
        await RunAsync(Path.Combine(bin, "initdb"), ["-D", data, "-A", "trust", "-U", "pulp", "--no-sync"], user);
        var options = $"-p {port} -k {directory} -c listen_addresses=127.0.0.1 -c max_connections=300 {Options}";
        await RunAsync(
            Path.Combine(bin, "pg_ctl"),
            ["-D", data, "-w", "-l", Path.Combine(directory, "log"), "-o", options, "start"],
            user
        );
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            RunAsync(Path.Combine(bin, "pg_ctl"), ["-D", data, "-m", "immediate", "stop"], user)
                .Wait(TimeSpan.FromSeconds(10));
            Directory.Delete(directory, recursive: true);
        };
        return $"postgres://pulp@127.0.0.1:{port}";
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(string program, string[] arguments, string? user)
    {
        var start = user is null
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("runuser", ["-u", user, "--", program, .. arguments]);
        start.WorkingDirectory = "/tmp";
        // The server inherits pg_ctl's streams: redirecting them would wait for the server's end.
        start.RedirectStandardOutput = program.EndsWith("initdb", StringComparison.Ordinal);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} can't be started.");
        if (start.RedirectStandardOutput)
        {
            await process.StandardOutput.ReadToEndAsync();
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }
}
