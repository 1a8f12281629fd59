namespace Pulp.Core.Platform.Storage;

/// <summary>
/// Logs what is wrong with the disk for requests. That it is full is said once when it begins and once when it is over: every
/// request that writes is refused meanwhile.
/// </summary>
internal sealed partial class DiskFaults(TimeProvider clock, ILogger<DiskFaults> logger) : IDisposable
{
    /// <summary>So long nobody was refused: it is over.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ITimer? _looks;
    private long _began;
    private long _refused;
    private long _refusedAtLook;

    /// <summary>Takes note of a request that was refused.</summary>
    /// <param name="fault">What is wrong.</param>
    /// <param name="request">The request.</param>
    /// <param name="reason">What the system said.</param>
    public void Note(DiskException fault, string request, string reason)
    {
        if (!fault.IsFull)
        {
            LogFault(request, fault.Message, reason);
            return;
        }

        lock (_gate)
        {
            _refused++;
            if (_looks is not null)
            {
                return;
            }

            (_began, _refused, _refusedAtLook) = (clock.GetTimestamp(), 1, 1);
            _looks = clock.CreateTimer(_ => Look(), state: null, Quiet, Quiet);
        }

        LogFull(request, fault.Message, reason);
    }

    private void Look()
    {
        long refused;
        lock (_gate)
        {
            if (_refused != _refusedAtLook)
            {
                _refusedAtLook = _refused;
                return;
            }

            _looks?.Dispose();
            _looks = null;
            refused = _refused;
        }

        LogOver(refused, clock.GetElapsedTime(_began).TotalSeconds - Quiet.TotalSeconds);
    }

    public void Dispose() => _looks?.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Request} is refused: {Message} {Reason}")]
    private partial void LogFault(string request, string message, string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Request} is refused: {Message} {Reason} Others that are refused for it aren't logged one by one."
    )]
    private partial void LogFull(string request, string message, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The disk had space for every request of the last minute; before, {Refused} were refused, within {Seconds:0} s"
    )]
    private partial void LogOver(long refused, double seconds);
}
