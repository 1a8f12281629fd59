using System.Net.Sockets;

namespace Pulp.Api.Tests.Resources;

/// <summary>Clients that ask for much and take it slowly hold up nobody but themselves.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SlowReaderTests(Engine engine) : ApiFixture(engine)
{
    private const int Connections = 6;

    protected override void Configure(Pulp.Core.Platform.Settings.PulpSettings settings)
    {
        if (Engine == Engine.Postgres)
        {
            settings.Database += $"?MaxPoolSize={Connections}&Timeout=20";
        }
    }

    [Test]
    public async Task A_client_that_takes_nothing_holds_no_connection_to_the_database()
    {
        // More than the kernel takes on behalf of a client: its buffers end at 4 MiB.
        for (var i = 0; i < 8; i++)
        {
            await Api.NewRepositoryAsync(new { description = new string('x', 1024 * 1024) });
        }

        var slow = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                slow.Add(await BeginAsync("repositories/file/file/"));
            }

            var status = await Api.GetAsync("status/");
            var created = await Api.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() });

            Assert.Multiple(() =>
            {
                Assert.That((bool?)status.Json?["database_connection"]?["connected"], Is.True);
                Assert.That(created.Code, Is.EqualTo(201), created.Text);
            });
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }

        var whole = await Api.GetAsync("repositories/file/file/?limit=1000");
        Assert.That(whole.Results.Count(r => ((string?)r["description"])?.Length == 1024 * 1024), Is.EqualTo(8));
        Assert.That(whole.Headers.TransferEncodingChunked, Is.Not.True, "its length is known");
    }

    [Test]
    public async Task A_page_ends_where_the_longest_page_does()
    {
        var name = PulpClient.Unique();
        await Api.NewRepositoryAsync(new { name });

        var page = await Api.GetAsync($"repositories/file/file/?limit=99999999999&name={name}");

        Assert.That((page.Code, page.Results.Count), Is.EqualTo((200, 1)));
    }

    /// <summary>Asks for a list and waits until its answer begins, without taking more of it.</summary>
    private async Task<TcpClient> BeginAsync(string list)
    {
        var url = new Uri(Server.Url);
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(url.Host, url.Port);
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{TestServer.Password}"));
        await client
            .GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"GET {PulpClient.Root}{list} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Basic {login}\r\n\r\n"
                )
            );
        var first = new byte[12];
        await client.GetStream().ReadExactlyAsync(first);
        Assert.That(Encoding.ASCII.GetString(first), Is.EqualTo("HTTP/1.1 200"));
        return client;
    }
}
