using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Pulp.Core.Platform.Settings;
using IPAddress = System.Net.IPAddress;
using IPNetwork = System.Net.IPNetwork;

namespace Pulp.Core.Platform.Http;

/// <summary>Trusted proxies say who really asks, by what scheme and for which host.</summary>
internal static class ForwardedFrom
{
    /// <summary>Believes <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>, as far back as proxies are trusted.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, PulpSettings settings)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var text in settings.TrustedProxies)
        {
            if (Network(text) is { } network)
            {
                options.KnownIPNetworks.Add(network);
            }
        }

        // Without such headers a request doesn't pay for them.
        app.UseWhen(
            context =>
                context.Request.Headers.ContainsKey("X-Forwarded-For")
                || context.Request.Headers.ContainsKey("X-Forwarded-Proto")
                || context.Request.Headers.ContainsKey("X-Forwarded-Host"),
            branch =>
                branch
                    .Use(
                        (context, next) =>
                        {
                            context.Features.Set(new TrustedProxies.Peer(context.Connection.RemoteIpAddress));
                            return next(context);
                        }
                    )
                    .UseForwardedHeaders(options)
        );
    }

    /// <summary>An address or a network such as <c>10.0.0.0/8</c>; null when it is neither.</summary>
    public static IPNetwork? Network(string text) =>
        IPAddress.TryParse(text, out var one) ? new IPNetwork(one, one.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;
}
