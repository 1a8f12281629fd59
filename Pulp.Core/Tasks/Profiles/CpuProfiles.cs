using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>
/// Stacks of the process's threads, a thousand times a second, as the runtime's own sampler takes them: a <c>.nettrace</c> file for
/// PerfView, Visual Studio or <c>dotnet-trace convert</c>. It is of the whole process, so one task at a time gets one.
/// </summary>
internal sealed partial class CpuProfiles(ILogger<CpuProfiles> logger)
{
    public const string ProfileName = "cpu_profile";
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int BufferMegabytes = 16;
    private int _sampling;

    /// <summary>Begins sampling; null when it goes on for another task, or when the runtime doesn't allow it.</summary>
    public IProfile? TryBegin()
    {
        if (Interlocked.CompareExchange(ref _sampling, 1, 0) == 1)
        {
            LogBusy();
            return null;
        }

        try
        {
            var client = new DiagnosticsClient(Environment.ProcessId);
            var sampler = new EventPipeProvider("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational);
            var session = client.StartEventPipeSession([sampler], requestRundown: true, BufferMegabytes);
            return new Profile(this, session);
        }
        catch (Exception error) when (error is DiagnosticsClientException or IOException or TimeoutException)
        {
            Volatile.Write(ref _sampling, 0);
            LogNotPossible(error.Message);
            return null;
        }
    }

    private sealed class Profile : IProfile
    {
        private readonly CpuProfiles _owner;
        private readonly EventPipeSession _session;
        private readonly MemoryStream _trace = new();
        private readonly Task<bool> _reading;
        private Task? _stopping;

        public Profile(CpuProfiles owner, EventPipeSession session)
        {
            _owner = owner;
            _session = session;
            _reading = Task.Run(ReadAsync);
        }

        public string Name => ProfileName;

        public async Task<byte[]?> EndAsync()
        {
            await StopAsync();
            return await _reading ? _trace.ToArray() : null;
        }

        public void Dispose()
        {
            _session.Dispose();
            _trace.Dispose();
            Volatile.Write(ref _owner._sampling, 0);
        }

        /// <summary>
        /// Reads to the end, which holds the names of methods. When half of what may be kept is full of samples there are no more
        /// of them: without the names they would be worth nothing.
        /// </summary>
        private async Task<bool> ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await _session.EventStream.ReadAsync(buffer)) > 0)
            {
                if (_trace.Length <= MaxBytes)
                {
                    await _trace.WriteAsync(buffer.AsMemory(0, read));
                }

                if (_trace.Length > MaxBytes / 2)
                {
                    // Not awaited: the end comes through this stream.
                    _ = StopAsync();
                }
            }

            if (_trace.Length > MaxBytes)
            {
                _owner.LogTooLarge(MaxBytes);
                return false;
            }

            return true;
        }

        private Task StopAsync()
        {
            lock (_trace)
            {
                return _stopping ??= _session.StopAsync(CancellationToken.None);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Another task's processor time is being sampled: this one gets no profile"
    )]
    private partial void LogBusy();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The processor time of a task can't be sampled: {Reason}")]
    private partial void LogNotPossible(string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A profile of processor time grew past {Bytes} bytes and is dropped"
    )]
    private partial void LogTooLarge(int bytes);
}
