using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Pulp.Api.Tests.Serving;

/// <summary>Clients that hold a connection and take nothing, sent to by the kernel and through memory.</summary>
[TestFixture(true)]
[TestFixture(false)]
public sealed class StalledClientTests(bool sendfile) : ApiFixture(Engine.Sqlite)
{
    // Short, and so for this test alone: others' clients may stall for as long on a busy machine.
    protected override void Configure(Pulp.Core.Platform.Settings.PulpSettings settings)
    {
        settings.Sendfile = sendfile;
        settings.SendTimeout = 5;
    }

    [Test]
    public async Task A_client_that_takes_nothing_any_more_is_cut_off()
    {
        Upstream.With("large.bin", new byte[20_000_000]).Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        var url = new Uri(Server.Url);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port);

        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path}large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var got = await socket.ReceiveAsync(new byte[1000]);

        Assert.That(IsHeldByServer(socket), Is.True);

        // The kernel looks at a closed window with growing pauses: some seconds may pass beyond the limit.
        Assert.That(got, Is.Positive);
        Assert.That(() => IsHeldByServer(socket), Is.False.Soon());
    }

    private bool IsHeldByServer(Socket client) =>
        IPGlobalProperties
            .GetIPGlobalProperties()
            .GetActiveTcpConnections()
            .Any(c =>
                c.LocalEndPoint.Port == new Uri(Server.Url).Port
                && c.RemoteEndPoint.Port == ((IPEndPoint?)client.LocalEndPoint)?.Port
            );
}
