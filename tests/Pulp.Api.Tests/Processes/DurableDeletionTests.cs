using System.Diagnostics;

namespace Pulp.Api.Tests.Processes;

/// <summary>
/// A power failure can't be had in a test, but the order of system calls can be seen: the log with the deletion of rows is flushed
/// before their files go.
/// </summary>
public sealed class DurableDeletionTests
{
    private const string Tracer = "/usr/bin/strace";
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-durable-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    [Test]
    public async Task A_clean_up_removes_files_only_when_the_deletion_of_their_rows_is_on_the_disk()
    {
        if (!File.Exists(Tracer))
        {
            Assert.Ignore($"There is no {Tracer} to see the order of system calls with.");
        }

        await using var server = await ServerProcess.ServeAsync(_data, "");
        var unit = await server.Api.GetAsync(await server.Api.NewFileAsync("orphan", "orphan"));
        var artifact = await server.Api.GetAsync((string?)unit.Json?["artifact"] ?? "");
        var file = Path.GetFileName((string?)artifact.Json?["file"] ?? "");

        var calls = await TracedAsync(
            server,
            async () =>
                await server.Api.CompletedAsync(
                    await server.Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 })
                )
        );

        // Nothing else flushes the log under synchronous = normal, but for a checkpoint, for which it is too short.
        var removed = Array.FindIndex(calls, c => c.Contains(file, StringComparison.Ordinal));
        var flushed = Array.FindIndex(calls, c => c.Contains("-wal>", StringComparison.Ordinal));
        Assert.That(removed, Is.GreaterThanOrEqualTo(0), string.Join('\n', calls));
        Assert.That(flushed, Is.InRange(0, removed), string.Join('\n', calls));
    }

    /// <summary>What the process flushes and what it removes, in order.</summary>
    private async Task<string[]> TracedAsync(ServerProcess server, Func<Task> work)
    {
        var log = Path.Combine(_data, "calls");
        var start = new ProcessStartInfo(
            Tracer,
            ["-f", "-y", "-o", log, "-e", "trace=fsync,fdatasync,unlink,unlinkat", "-p", $"{server.Id}"]
        )
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var tracer = Process.Start(start) ?? throw new InvalidOperationException("strace can't be started.");
        if (await tracer.StandardError.ReadLineAsync() is not { } line || !line.Contains("attached"))
        {
            Assert.Ignore("This user may not trace processes here.");
        }

        await work();

        // It lets go of the process and writes what it has.
        using var end = Process.Start("kill", ["-INT", $"{tracer.Id}"]);
        await tracer.WaitForExitAsync();
        return await File.ReadAllLinesAsync(log);
    }
}
