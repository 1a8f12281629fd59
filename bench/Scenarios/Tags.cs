using System.Security.Cryptography;

namespace Pulp.Bench.Scenarios;

/// <summary>A version for each push: one image gets tag after tag, in one repository and in several at once.</summary>
internal static class Tags
{
    private const int Connections = 8;

    /// <summary>Until the hot code is compiled for the machine, which a server that runs for days has long behind it.</summary>
    private const int WarmUpSeconds = 20;

    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        using var client = new ImageClient(fixture.Server.Url, "admin", TestServer.Password);
        var image = new SmallImage(RandomNumberGenerator.GetBytes(1024));
        foreach (var repositories in new[] { 1, Connections })
        {
            var names = Enumerable.Range(0, repositories).Select(_ => $"bench/{Guid.NewGuid():N}").ToList();
            foreach (var name in names)
            {
                await client.PushAsync(name, "first", image);
            }

            if (repositories == 1)
            {
                await MeasureAsync(WarmUpSeconds);
            }

            var measured = await MeasureAsync(seconds: 10);
            yield return Line.Of(
                $"versions, a tag each, over {Connections} connections, {repositories} at once",
                measured,
                "300/s"
            );

            async Task<Measured> MeasureAsync(int seconds) =>
                await Measuring.WrkAsync(
                    fixture.Server.Url,
                    fixture.Process,
                    Connections,
                    seconds,
                    await ScriptAsync(fixture, names, image),
                    Fixture.Headers
                );
        }
    }

    /// <summary>Each run of wrk counts from its own moment: no tag comes twice.</summary>
    private static async Task<string> ScriptAsync(Fixture fixture, IEnumerable<string> names, SmallImage image)
    {
        var script = Path.Combine(fixture.Scratch, $"tags-{Guid.NewGuid():N}.lua");
        await File.WriteAllTextAsync(
            script,
            $$"""
            local names, at = { {{string.Join(", ", names.Select(n => $"\"{n}\""))}} }, 0
            local began = os.time()
            wrk.method, wrk.body = "PUT", [==[{{System.Text.Encoding.UTF8.GetString(image.Manifest)}}]==]
            wrk.headers["Content-Type"] = "{{SmallImage.MediaType}}"
            request = function()
                at = at + 1
                return wrk.format(nil, "/v2/" .. names[at % #names + 1] .. "/manifests/t" .. began .. "-" .. at)
            end
            """
        );
        return script;
    }
}
