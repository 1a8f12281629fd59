using System.Diagnostics;

namespace Pulp.Bench.Scenarios;

/// <summary>From the command to the first answer, and what an idle server holds.</summary>
internal static class Start
{
    public static async IAsyncEnumerable<Line> EmptyAsync(Fixture fixture)
    {
        yield return await ReadyAsync(fixture, "empty");
    }

    public static async Task<Line> ReadyAsync(Fixture fixture, string what)
    {
        var times = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            await fixture.StopServerAsync();
            var watch = Stopwatch.StartNew();
            await fixture.StartServerAsync();
            if ((await fixture.Api.GetAsync("status/")).Code != 200)
            {
                throw new InvalidOperationException("The server isn't ready.");
            }

            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        await Task.Delay(TimeSpan.FromSeconds(10));
        return Line.Of($"start to the first answer, {what}", times, "1 s; 120 MiB idle") with
        {
            Server = Line.Number($"{Measuring.ResidentOf(fixture.Server.Id):F0} MiB idle"),
        };
    }
}
