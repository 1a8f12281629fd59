using System.Diagnostics;
using Npgsql;
using NUnit.Framework;

namespace Pulp.PluginSdk.Testing;

/// <summary>A PostgreSQL of the tests' own in a directory of its own, which can be stopped and started again.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _bin;
    private readonly string _directory = Directory.CreateTempSubdirectory("pulp-test-pg-").FullName;
    private readonly string _options;
    private readonly string? _user = Environment.UserName == "root" ? "postgres" : null;

    private PostgresServer(string bin, string options)
    {
        _bin = bin;
        var port = TestPort.Free();
        Url = $"postgres://pulp@127.0.0.1:{port}";
        _options = $"-p {port} -k {_directory} -c listen_addresses=127.0.0.1 -c max_connections=300 {options}";
    }

    /// <summary>Where it listens, with its user and without a database.</summary>
    public string Url { get; }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>Makes one and starts it; where PostgreSQL isn't installed the test is skipped, and says so.</summary>
    /// <param name="options">More of its command line, such as <c>-c fsync=off</c>.</param>
    public static async Task<PostgresServer> StartAsync(string options)
    {
        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Select(d => Path.Combine(d, "bin"))
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;
        if (bin is null || !File.Exists(Path.Combine(bin, "initdb")))
        {
            Assert.Ignore(
                "PostgreSQL isn't installed here (no initdb below /usr/lib/postgresql); ./build.sh test installs it."
            );
        }

        var server = new PostgresServer(bin, options);
        if (server._user is { } user)
        {
            await RunAsync("chown", ["-R", user, server._directory], user: null);
        }

        await server.RunAsync("initdb", "-D", server.Data, "-A", "trust", "-U", "pulp", "--no-sync");
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again after it was stopped.</summary>
    public Task StartAsync() =>
        RunAsync("pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_directory, "log"), "-o", _options, "start");

    /// <summary>Stops it as a crash would: without a word to its clients.</summary>
    public Task StopAsync() => RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "stop");

    /// <summary>Creates an empty database on a server and answers its URL.</summary>
    /// <param name="server">The server's URL.</param>
    public static async Task<string> CreateDatabaseAsync(string server)
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={new Uri(server).Port};Username=pulp;Database=postgres"
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name is made here
        command.CommandText = $"create database {name}";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return $"{server}/{name}";
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Task RunAsync(string program, params string[] arguments) =>
        RunAsync(Path.Combine(_bin, program), arguments, _user);

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
