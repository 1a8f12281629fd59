using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Pulp.Bench.Scenarios;

/// <summary>The queue: how long a task takes that does nothing, and how many get through.</summary>
internal static class Tasks
{
    /// <summary>Enough for a server that warms up on them for twenty seconds and is measured for five.</summary>
    private const int Waiting = 150_000;

    public static async IAsyncEnumerable<Line> LatencyAsync(Fixture fixture)
    {
        var repository = await fixture.Api.NewRepositoryAsync();
        var (stamps, seen) = (new List<double>(), new List<double>());
        for (var i = 0; i < 250; i++)
        {
            // A modify that changes nothing: the smallest task that goes through the queue to a worker.
            var watch = Stopwatch.StartNew();
            var task = (await fixture.Api.PostAsync(repository + "modify/")).Task;
            var answer = (await fixture.Api.GetAsync(task)).Json;
            while ((string?)answer?["state"] != "completed")
            {
                answer = (await fixture.Api.GetAsync(task)).Json;
            }

            seen.Add(watch.Elapsed.TotalMilliseconds);
            stamps.Add(
                ((DateTimeOffset)answer!["finished_at"]! - (DateTimeOffset)answer["pulp_created"]!).TotalMilliseconds
            );
        }

        var dequeue = await DequeueAsync(fixture, connections: 1, TimeSpan.FromSeconds(3));
        yield return Line.Of("trivial task, dispatch to completed", [.. stamps.Skip(50)], "5 ms") with
        {
            Reference = Line.Number($"{1000 / dequeue:F2} ms (one bare dequeue)"),
        };
        yield return Line.Of("the same as its client sees it, asking without pause", [.. seen.Skip(50)]);
    }

    public static async IAsyncEnumerable<Line> ThroughputAsync(Fixture fixture)
    {
        var dequeue = await DequeueAsync(fixture, connections: 4, TimeSpan.FromSeconds(4));
        var many = await RepositoriesAsync(fixture, 1_000);

        // Nothing of this process runs tasks: it takes them in and tells how many wait.
        await fixture.StartServerAsync("--roles", "api,content");
        var filled = await FillAsync(fixture, many, Waiting);
        yield return Line.Of("dispatch of trivial tasks, 8 clients", filled.MaxBy(m => m.PerSecond)!);
        foreach (var workers in new[] { 1, 4, 16 })
        {
            await FillAsync(fixture, many, Waiting);
            var line = await DrainAsync(fixture, workers, TimeSpan.FromSeconds(5));
            yield return line with
            {
                Scenario = $"drained with thousands waiting, 1,000 resources, {workers} workers",
                Reference = Line.Number($"{dequeue:F0}/s (bare dequeue, 4 connections)"),
                Aim = "2,000/s",
            };
        }

        await EmptyAsync(fixture);
        await FillAsync(fixture, many[..1], Waiting);
        yield return await DrainAsync(fixture, 4, TimeSpan.FromSeconds(5)) with
        {
            Scenario = "drained with thousands waiting, all on one resource, 4 workers",
            Aim = "2,000/s",
        };
    }

    private static async Task<List<string>> RepositoriesAsync(Fixture fixture, int count)
    {
        var all = new List<string>();
        for (var i = 0; i < count; i++)
        {
            all.Add(await fixture.Api.NewRepositoryAsync());
        }

        return all;
    }

    /// <summary>Sends tasks until so many wait; answers what that was like, once for each spell of it.</summary>
    private static async Task<IReadOnlyList<Measured>> FillAsync(Fixture fixture, List<string> repositories, int count)
    {
        var script = Path.Combine(fixture.Scratch, "fill.lua");
        await File.WriteAllTextAsync(
            script,
            $$"""
            local paths, at = { {{string.Join(", ", repositories.Select(r => $"\"{r}modify/\""))}} }, 0
            wrk.method, wrk.body = "POST", "{}"
            wrk.headers["Content-Type"] = "application/json"
            request = function() at = at % #paths + 1; return wrk.format(nil, paths[at]) end
            """
        );
        var measured = new List<Measured>();
        while (await WaitingAsync(fixture) < count)
        {
            measured.Add(await Measuring.WrkAsync(fixture.Server.Url, fixture.Process, 8, 10, script, Fixture.Headers));
        }

        return measured;
    }

    private static async Task<Line> DrainAsync(Fixture fixture, int workers, TimeSpan time)
    {
        await using var worker = await fixture.StartAnotherAsync(
            "--roles",
            "content,worker",
            "--workers",
            workers.ToString(CultureInfo.InvariantCulture)
        );
        // Not measured: code that was compiled ahead is compiled again, better, in the first twenty seconds of work.
        await Task.Delay(TimeSpan.FromSeconds(20));
        var (before, after) = (0L, 0L);
        var cost = await Measuring.CostAsync(
            [worker.Id],
            async () =>
            {
                before = await WaitingAsync(fixture);
                await Task.Delay(time);
                after = await WaitingAsync(fixture);
            }
        );
        await worker.TerminateAsync();
        return new Line("", Line.Number($"{(before - after) / cost.Seconds:F0}/s"))
        {
            Server = Line.Number($"{cost.Cpu / (before - after) * 1e6:F0} us CPU; {cost.Peak:F0} MiB peak"),
        };
    }

    private static async Task EmptyAsync(Fixture fixture)
    {
        await using var worker = await fixture.StartAnotherAsync("--roles", "content,worker", "--workers", "4");
        while (await WaitingAsync(fixture) > 0)
        {
            await Task.Delay(500);
        }

        await worker.TerminateAsync();
    }

    private static async Task<long> WaitingAsync(Fixture fixture) =>
        (long?)(await fixture.Api.GetAsync("tasks/?state=waiting&limit=1&fields=state")).Json?["count"] ?? 0;

    /// <summary>Rows of a bare queue claimed a second: what the database gives a queue at best.</summary>
    private static async Task<double> DequeueAsync(Fixture fixture, int connections, TimeSpan time)
    {
        var postgres = fixture.Database.Length > 0;
        await using var source = Open(fixture);
        await source.OpenAsync();
        if (!postgres)
        {
            await ExecuteAsync(source, "pragma journal_mode = wal");
        }

        await ExecuteAsync(source, "create table bench_queue (id integer primary key, state integer not null)");
        await ExecuteAsync(
            source,
            postgres
                ? "insert into bench_queue select n, 0 from generate_series(1, 200000) n"
                : "insert into bench_queue with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000) select i, 0 from n"
        );
        await ExecuteAsync(source, "create index bench_waiting on bench_queue (id) where state = 0");
        var taken = 0L;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, postgres ? connections : 1)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        await using var connection = Open(fixture);
                        await connection.OpenAsync();
                        if (!postgres)
                        {
                            await ExecuteAsync(connection, "pragma synchronous = normal");
                        }

                        await using var claim = connection.CreateCommand();
                        claim.CommandText =
                            "update bench_queue set state = 1 where id = (select id from bench_queue where state = 0 order by id limit 1"
                            + (postgres ? " for update skip locked)" : ")");
                        await claim.PrepareAsync();
                        while (watch.Elapsed < time)
                        {
                            await claim.ExecuteNonQueryAsync();
                            Interlocked.Increment(ref taken);
                        }
                    })
                )
        );
        var rate = taken / watch.Elapsed.TotalSeconds;
        await ExecuteAsync(source, "drop table bench_queue");
        return rate;
    }

    private static DbConnection Open(Fixture fixture) =>
        fixture.Database.Length > 0
            ? new NpgsqlConnection(
                $"Host=127.0.0.1;Port={new Uri(fixture.Database).Port};Username=pulp;Database={new Uri(fixture.Database).AbsolutePath[1..]}"
            )
            : new SqliteConnection($"Data Source={Path.Combine(fixture.Scratch, "queue.db")};Pooling=False");

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written above
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
