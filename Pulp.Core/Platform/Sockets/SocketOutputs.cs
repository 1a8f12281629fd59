using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Pulp.Core.Platform.Sockets;

/// <summary>Puts a <see cref="SocketOutput"/> below HTTP, and below TLS where there is TLS.</summary>
internal static class SocketOutputs
{
    /// <summary>For every address that is listened on.</summary>
    public static void Use(KestrelServerOptions options) =>
        options.ConfigureEndpointDefaults(listen =>
            listen.Use(next =>
                async connection =>
                {
                    if (connection.Features.Get<IConnectionSocketFeature>() is not { } feature)
                    {
                        await next(connection);
                        return;
                    }

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

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
