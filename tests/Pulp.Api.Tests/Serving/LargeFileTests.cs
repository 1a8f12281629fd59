using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Api.Tests.Serving;

/// <summary>Large files as they come over the wire, sent by the kernel and through memory. The database has no part in it.</summary>
[TestFixture(true)]
[TestFixture(false)]
public sealed class LargeFileTests(bool sendfile) : ApiFixture(Engine.Sqlite)
{
    private const int Size = 20_000_003;
    private byte[] _bytes = [];
    private string _path = "";

    protected override void Configure(Pulp.Core.Platform.Settings.PulpSettings settings) =>
        settings.Sendfile = sendfile;

    [SetUp]
    public async Task PublishAsync()
    {
        _bytes = RandomNumberGenerator.GetBytes(Size);
        Upstream.With("large.bin", _bytes).With("small.txt", "small").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        _path = (await Api.NewDistributionAsync(new { repository })).Path;
    }

    private async Task<Socket> ConnectAsync()
    {
        var url = new Uri(Server.Url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port);
        return socket;
    }

    private async Task<byte[]> ExchangeAsync(string requests)
    {
        using var socket = await ConnectAsync();
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(requests));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return answer.ToArray();
    }

    private string Get(string file, string version, params string[] headers) =>
        $"GET {_path}{file} HTTP/{version}\r\nHost: localhost\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";

    /// <summary>Takes the next answer off the front.</summary>
    private static (string Head, byte[] Body) Next(ref ReadOnlySpan<byte> answers)
    {
        var end = answers.IndexOf("\r\n\r\n"u8);
        var head = Encoding.ASCII.GetString(answers[..end]);
        var length = int.Parse(
            head.Split("\r\n").First(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..],
            System.Globalization.CultureInfo.InvariantCulture
        );
        var body = answers.Slice(end + 4, length).ToArray();
        answers = answers[(end + 4 + length)..];
        return (head, body);
    }

    [Test]
    public async Task Requests_in_one_go_are_answered_in_order()
    {
        var answers = await ExchangeAsync(
            Get("small.txt", "1.1")
                + Get("large.bin", "1.1")
                + Get("large.bin", "1.1", "Range: bytes=1000000-17999999")
                + Get("small.txt", "1.1")
                + Get("large.bin", "1.1", "Connection: close")
        );

        ReadOnlySpan<byte> left = answers;
        var bodies = new List<byte[]>();
        while (left.Length > 0)
        {
            bodies.Add(Next(ref left).Body);
        }

        Assert.Multiple(() =>
        {
            Assert.That(bodies, Has.Count.EqualTo(5));
            Assert.That(Encoding.ASCII.GetString(bodies[0]), Is.EqualTo("small"));
            Assert.That(bodies[1].AsSpan().SequenceEqual(_bytes), "the whole");
            Assert.That(bodies[2].AsSpan().SequenceEqual(_bytes.AsSpan(1_000_000, 17_000_000)), "the part");
            Assert.That(Encoding.ASCII.GetString(bodies[3]), Is.EqualTo("small"));
            Assert.That(bodies[4].AsSpan().SequenceEqual(_bytes), "the whole, and then the end");
        });
    }

    [Test]
    public async Task Old_clients_get_the_whole_and_then_the_end()
    {
        ReadOnlySpan<byte> answer = await ExchangeAsync(Get("large.bin", "1.0"));

        Assert.That(Next(ref answer).Body.AsSpan().SequenceEqual(_bytes));
    }

    [Test]
    public async Task A_client_that_hangs_up_in_the_middle_hurts_nobody()
    {
        using (var socket = await ConnectAsync())
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(Get("large.bin", "1.1")));
            await socket.ReceiveAsync(new byte[100_000]);
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        ReadOnlySpan<byte> after = await ExchangeAsync(Get("large.bin", "1.1", "Connection: close"));

        Assert.That(Next(ref after).Body.AsSpan().SequenceEqual(_bytes));
    }

    /// <summary>What becomes of it without this fault is in <see cref="LostFileTests"/>.</summary>
    [Test]
    public async Task A_file_that_is_cut_short_while_it_is_sent_is_never_taken_for_whole()
    {
        await Api.GetAsync(_path + "large.bin");
        var digest = Convert.ToHexStringLower(SHA256.HashData(_bytes));
        var stored = Path.Combine(Server.Settings.MediaRoot, "artifact", digest[..2], digest[2..]);
        using var socket = await ConnectAsync();
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Get("large.bin", "1.1", "Connection: close")));
        var buffer = new byte[100_000];
        var got = await stream.ReadAtLeastAsync(buffer, 1_000);
        await using (var file = new FileStream(stored, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1_000_000);
        }

        var head = Encoding.ASCII.GetString(buffer, 0, 500);
        try
        {
            for (var read = got; read > 0; got += read)
            {
                read = await stream.ReadAsync(buffer);
            }
        }
        catch (IOException)
        {
            // The connection was reset: the client knows.
        }

        Assert.That(head, Does.StartWith("HTTP/1.1 200").And.Contain($"Content-Length: {Size}"));
        Assert.That(got, Is.LessThan(Size));
    }
}
