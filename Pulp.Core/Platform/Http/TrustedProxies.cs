using Pulp.Core.Platform.Settings;
using IPAddress = System.Net.IPAddress;
using IPNetwork = System.Net.IPNetwork;

namespace Pulp.Core.Platform.Http;

/// <summary>The proxies whose word counts: who really asks, and what they found out about the client themselves.</summary>
internal sealed class TrustedProxies(PulpSettings settings)
{
    private readonly IReadOnlyList<IPNetwork> _networks =
    [
        .. settings.TrustedProxies.Select(ForwardedFrom.Network).OfType<IPNetwork>(),
    ];

    /// <summary>Whether the request came over a connection that one of them opened.</summary>
    public bool HaveSent(HttpContext context)
    {
        // Who is behind the proxy has taken the place of the connection's address by now.
        var address = context.Features.Get<Peer>()?.Address ?? context.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true })
        {
            address = address.MapToIPv4();
        }

        return address is not null && _networks.Any(network => network.Contains(address));
    }

    /// <summary>Who opened the connection, where a forwarded request tells of somebody else.</summary>
    internal sealed record Peer(IPAddress? Address);
}
