using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Pulp.PluginSdk.Testing;

/// <summary>Ports for programs that have to be told one. What can choose its own listens on port 0.</summary>
public static class TestPort
{
    private const int Lowest = 1025;
    private const int Ports = 10_000;
    private const string Ephemeral = "/proc/sys/net/ipv4/ip_local_port_range";
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A port of loopback that nobody listens on. It lies below those that the system hands out to connections and to port 0: one of
    /// these may be taken again before the program listens, or while a test has stopped it. No port is given twice in a process.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static int Free()
    {
        var below = File.Exists(Ephemeral) ? int.Parse(File.ReadAllText(Ephemeral).Split('\t')[0]) : 32_768;
        for (var attempt = 0; attempt < 100; attempt++)
        {
            // A system may hand out all of them.
            var port = Random.Shared.Next(Math.Max(Lowest, below - Ports), Math.Max(Lowest + Ports, below));
            if (IsFree(port) && Given.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
