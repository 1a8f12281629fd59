using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Pulp.Bench.Scenarios;

/// <summary>Memory where somebody is slow or too fast.</summary>
internal static class Pressure
{
    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Large(fixture.Files, "large");
        var (_, path, _) = await fixture.MirrorAsync("large", "immediate");
        var url = new Uri(fixture.Server.Url);
        foreach (var (name, arguments) in new[] { ("sendfile", ""), ("through memory", "false") })
        {
            if (arguments.Length > 0)
            {
                await fixture.StartServerAsync("--sendfile", arguments);
                url = new Uri(fixture.Server.Url);
            }

            var idle = Measuring.ResidentOf(fixture.Server.Id);
            var cost = await Measuring.CostAsync(fixture.Process, () => SlowAsync(url, path + "large.bin", 500));
            yield return new Line($"500 clients that stop reading 200 MB, {name}", "")
            {
                Server = Line.Number($"{cost.Peak:F0} MiB peak, {idle:F0} before"),
                Aim = "flat",
            };
        }

        var before = Measuring.ResidentOf(fixture.Server.Id);
        var flood = await Measuring.CostAsync(
            fixture.Process,
            async () =>
            {
                // Streamed through on demand to clients that read nothing.
                var (_, lazy, _) = await fixture.MirrorAsync("large", "streamed");
                await SlowAsync(url, lazy + "large.bin", 50);
            }
        );
        yield return new Line("an upstream that floods 50 clients that stop reading", "")
        {
            Server = Line.Number($"{flood.Peak:F0} MiB peak, {before:F0} before"),
            Aim = "flat",
        };
    }

    /// <summary>Every page of a list of a million.</summary>
    public static async Task<Line> PageThroughAsync(Fixture fixture, string version, int count)
    {
        var before = Measuring.ResidentOf(fixture.Server.Id);
        const int Page = 10_000;
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () =>
            {
                for (var offset = 0; offset < count; offset += Page)
                {
                    var url = string.Create(
                        CultureInfo.InvariantCulture,
                        $"content/file/files/?limit={Page}&offset={offset}&repository_version={version}"
                    );
                    using var answer = await fixture.Api.Http.GetAsync(
                        "/pulp/api/v3/" + url,
                        HttpCompletionOption.ResponseHeadersRead
                    );
                    answer.EnsureSuccessStatusCode();
                    await (await answer.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);
                }
            }
        );
        return Line.Of(
            "paging through 1,000,000 units, 10,000 a page",
            Line.Number($"{cost.Seconds:F1} s"),
            cost,
            "flat"
        ) with
        {
            Ratio = Line.Number($"{before:F0} MiB before"),
        };
    }

    /// <summary>Clients that ask, read a little and then nothing for some seconds.</summary>
    private static async Task SlowAsync(Uri url, string path, int clients)
    {
        var sockets = new List<Socket>();
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        for (var i = 0; i < clients; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 * 1024 };
            await socket.ConnectAsync(url.Host, url.Port);
            await socket.SendAsync(request);
            sockets.Add(socket);
        }

        foreach (var socket in sockets)
        {
            await socket.ReceiveAsync(new byte[1000]);
        }

        await Task.Delay(TimeSpan.FromSeconds(5));
        sockets.ForEach(s => s.Dispose());
    }
}
