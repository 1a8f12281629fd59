using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Pulp.Core.Platform.Sockets;

/// <summary>Puts a <see cref="SocketOutput"/> below HTTP, and below TLS where there is TLS.</summary>
internal static class SocketOutputs
{
    /// <summary>TCP_USER_TIMEOUT on Linux.</summary>
    private const int UserTimeout = 18;

    /// <summary>For every address that is listened on.</summary>
    /// <param name="options">Kestrel's.</param>
    /// <param name="sendTimeout">How long a client may take nothing of what is sent.</param>
    public static void Use(KestrelServerOptions options, TimeSpan sendTimeout) =>
        options.ConfigureEndpointDefaults(listen =>
            listen.Use(next =>
                async connection =>
                {
                    if (connection.Features.Get<IConnectionSocketFeature>() is not { } feature)
                    {
                        await next(connection);
                        return;
                    }

                    LimitStalling(feature.Socket, sendTimeout);
                    var kestrel = connection.Transport;
                    using var output = new SocketOutput(feature.Socket, kestrel.Output);
                    connection.Transport = new Duplex(kestrel.Input, output);
                    connection.Features.Set(output);
                    try
                    {
                        await next(connection);
                    }
                    finally
                    {
                        connection.Transport = kestrel;
                    }
                }
            )
        );

    /// <summary>The request's way to let the kernel send a file; null where something stands between: TLS, HTTP/2.</summary>
    public static SocketOutput? ForFiles(HttpContext context) =>
        context.Request.IsHttps || context.Request.Protocol != "HTTP/1.1" ? null : context.Features.Get<SocketOutput>();

    /// <summary>
    /// The kernel cuts a connection whose client takes nothing for so long (TCP_USER_TIMEOUT, RFC 5482): a piece of a file is with
    /// the kernel, where Kestrel's own limit can't see whether it moves.
    /// </summary>
    private static void LimitStalling(Socket socket, TimeSpan timeout)
    {
        if (OperatingSystem.IsLinux() && socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.SetRawSocketOption(
                (int)SocketOptionLevel.Tcp,
                UserTimeout,
                BitConverter.GetBytes((int)timeout.TotalMilliseconds)
            );
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
