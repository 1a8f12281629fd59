using Pulp.Bench;
using Pulp.Testing;

var wanted = args.Length > 0 ? args[0] : "";
var work = Path.GetFullPath(Path.Combine("bench", "work"));
var published = Path.GetFullPath(Path.Combine("dist", "pulp"));
if (File.Exists(published))
{
    ServerProcess.Program = published;
}

PostgresCluster.Options = "";
Fixture.MakeFiles(work);
Console.WriteLine(
    $"Program: {ServerProcess.Program}; {Environment.ProcessorCount} cores; {Environment.OSVersion}; .NET {Environment.Version}"
);
Console.WriteLine();
Console.WriteLine("| database | scenario | ours | reference | ratio | server | aim |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (var engine in Engines.All)
{
    foreach (var (name, run) in Scenarios.All.Where(s => wanted.Length == 0 || s.Name == wanted))
    {
        var database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        await using var fixture = await Fixture.StartAsync(work, database);
        foreach (var line in await run(fixture))
        {
            Console.WriteLine(
                $"| {engine} | {line.Scenario} | {line.Ours} | {line.Reference} | {line.Ratio} | {line.Cpu} | {line.Aim} |"
            );
        }
    }
}
