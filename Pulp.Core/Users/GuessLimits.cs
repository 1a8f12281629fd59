using System.Net;
using System.Net.Sockets;
using Pulp.Core.Platform.Memory;

namespace Pulp.Core.Users;

/// <summary>
/// Lets those wait who guess passwords, longer with every wrong one. It counts for addresses and for accounts; but an account
/// that strangers guess at makes only those wait whose own address has failed, so that nobody can lock its owner out.
/// </summary>
internal sealed class GuessLimits(TimeProvider clock)
{
    /// <summary>Wrong guesses that cost nothing: people mistype.</summary>
    private const int Free = 10;
    private const int AtOnce = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(15);
    private readonly RecentlyUsed<string, Failures> _byAddress = new(capacity: 10_000);
    private readonly RecentlyUsed<string, Failures> _byAccount = new(capacity: 10_000);

    private sealed record Failures(int Count, long LastAt);

    /// <summary>What counts as one address: of IPv6 the network, since one client has as many addresses in it as it likes.</summary>
    public static string AddressOf(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(plain.GetAddressBytes().AsSpan(0, 8))
            : plain.ToString();
    }

    /// <summary>For how long nothing from this address is checked for this account; zero is not at all.</summary>
    public TimeSpan Wait(string address, string account)
    {
        var ofAddress = Recent(_byAddress, address);
        if (ofAddress is null)
        {
            return TimeSpan.Zero;
        }

        var (one, other) = (Rest(ofAddress), Rest(Recent(_byAccount, account)));
        return one > other ? one : other;
    }

    /// <summary>How a guess from this address has to queue.</summary>
    public Turn TurnOf(string address)
    {
        var failures = Recent(_byAddress, address)?.Count ?? 0;
        return new Turn(First: failures == 0, AtOnce: failures < Free ? AtOnce : 1);
    }

    public void Failed(string address, string account)
    {
        Count(_byAddress, address);
        Count(_byAccount, account);
    }

    private void Count(RecentlyUsed<string, Failures> table, string key)
    {
        var now = clock.GetTimestamp();
        table.Put(
            key,
            present => new Failures(present is null || IsForgotten(present) ? 1 : present.Count + 1, LastAt: now)
        );
    }

    private Failures? Recent(RecentlyUsed<string, Failures> table, string key) =>
        table.Find(key) is { } failures && !IsForgotten(failures) ? failures : null;

    private bool IsForgotten(Failures failures) => clock.GetElapsedTime(failures.LastAt) >= Forgotten;

    private TimeSpan Rest(Failures? failures)
    {
        if (failures is null || failures.Count <= Free)
        {
            return TimeSpan.Zero;
        }

        var pause = Math.Min(Math.Pow(2, failures.Count - Free - 1), Longest.TotalSeconds);
        var rest = TimeSpan.FromSeconds(pause) - clock.GetElapsedTime(failures.LastAt);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }
}
