namespace Pulp.Core.Platform.Downloads;

/// <summary>What a remote allows, as far as it is sensible: the wire sets no limits, timers and semaphores do.</summary>
internal static class RemoteLimits
{
    private const int MaxConnections = 1000;
    private const double MaxSeconds = 86_400;

    /// <summary>Connections at once: what the remote says, as far as it is sensible.</summary>
    public static int Connections(Remote remote) =>
        (int)Math.Clamp(remote.DownloadConcurrency ?? 10, 1, MaxConnections);

    /// <summary>How long an upstream may send nothing.</summary>
    public static TimeSpan SilenceAllowed(Remote remote) => Seconds(remote.SockReadTimeout, 60);

    /// <summary>Seconds of a remote, or what holds where it says none.</summary>
    public static TimeSpan Seconds(double? seconds, double otherwise) =>
        TimeSpan.FromSeconds(Math.Min(seconds is > 0 ? seconds.Value : otherwise, MaxSeconds));
}
