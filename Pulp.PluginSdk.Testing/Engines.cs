namespace Pulp.PluginSdk.Testing;

/// <summary>The databases every fixture runs on.</summary>
public enum Engine
{
    /// <summary>Embedded, in the data directory.</summary>
    Sqlite,

    /// <summary>A server of the tests' own, or the one that PULP_TEST_POSTGRES names.</summary>
    Postgres,
}

/// <summary>Which engines there are in this run: PULP_TEST_DATABASES names them, otherwise both.</summary>
public static class Engines
{
    /// <summary>Those of this run.</summary>
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

    /// <summary>Creates an empty database and answers its URL.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        await Gate.WaitAsync();
        try
        {
            s_url ??= await UrlAsync();
        }
        finally
        {
            Gate.Release();
        }

        return await PostgresServer.CreateDatabaseAsync(s_url);
    }

    private static async Task<string> UrlAsync()
    {
        if (Environment.GetEnvironmentVariable("PULP_TEST_POSTGRES") is { Length: > 0 } given)
        {
            return given.TrimEnd('/');
        }

        var server = await PostgresServer.StartAsync(Options);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        return server.Url;
    }
}
