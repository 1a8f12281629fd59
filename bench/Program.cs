using Pulp.Bench;
using Pulp.Bench.Scenarios;
using Pulp.Core.Platform.Data;

var wanted = args.Length > 0 ? args[0] : "";
if (wanted.Length > 0 && !All.Named.Any(s => s.Name == wanted))
{
    Console.Error.WriteLine(
        $"There is no scenario '{wanted}'; there are {string.Join(", ", All.Named.Select(s => s.Name))}."
    );
    return 2;
}

var work = Path.GetFullPath(Path.Combine("bench", "work"));
var published = Path.GetFullPath(Path.Combine("dist", "pulp"));
if (File.Exists(published))
{
    ServerProcess.Program = published;
}

PostgresCluster.Options = "";

// As nginx without its access log: reading a line for each request and task would cost this process what the server is to have.
Environment.SetEnvironmentVariable("PULP_LOG_LEVEL", "Warning");
SqliteNative.Register();
Console.WriteLine(
    $"Program: {Path.GetFileName(ServerProcess.Program)}; {Environment.ProcessorCount} cores; {Environment.OSVersion}; .NET {Environment.Version}"
);
Console.WriteLine();
Console.WriteLine("| database | scenario | ours | reference | ratio | server | aim |");
Console.WriteLine("|---|---|---|---|---|---|---|");
var failed = false;
foreach (var (name, run) in All.Named.Where(s => wanted.Length == 0 || s.Name == wanted))
{
    // Side by side: both databases one after the other in each scenario.
    foreach (var engine in Engines.All)
    {
        var database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        await using var fixture = await Fixture.StartAsync(work, database);
        try
        {
            await foreach (var line in run(fixture))
            {
                Console.WriteLine($"| {engine} | {line}");
            }
        }
        catch (Exception error) when (wanted.Length == 0)
        {
            // A long run goes on without the scenario, and says so.
            Console.WriteLine($"| {engine} | {name} failed: {error.Message} | | | | | |");
            failed = true;
        }
    }
}

return failed ? 1 : 0;
