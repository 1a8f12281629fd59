using System.Globalization;
using System.Text;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>What a task writes to the log, apart from what others write meanwhile.</summary>
internal sealed class TaskLog : IProfile
{
    private const int MaxCharacters = 4 * 1024 * 1024;

    // Follows the task through everything it calls and starts.
    private static readonly AsyncLocal<TaskLog?> Current = new();
    private readonly StringBuilder _text = new();
    private readonly TimeProvider _clock;
    private readonly LogLevel _lowest;
    private int _leftOut;
    private bool _ended;

    private TaskLog(LogLevel lowest, TimeProvider clock)
    {
        _lowest = lowest;
        _clock = clock;
    }

    public string Name => "task_logs";

    /// <summary>Begins in the caller's flow of execution.</summary>
    public static TaskLog Begin(LogLevel lowest, TimeProvider clock) => Current.Value = new TaskLog(lowest, clock);

    public Task<byte[]?> EndAsync()
    {
        lock (_text)
        {
            if (_leftOut > 0)
            {
                _text.Append(CultureInfo.InvariantCulture, $"... and {_leftOut} more lines\n");
            }

            return Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(_text.ToString()));
        }
    }

    public void Dispose()
    {
        // What the task started and left behind may still write.
        lock (_text)
        {
            _text.Clear();
            _ended = true;
        }
    }

    private void Write(string category, LogLevel level, string message, Exception? error)
    {
        lock (_text)
        {
            if (_ended || _text.Length > MaxCharacters)
            {
                _leftOut++;
                return;
            }

            _text.Append(
                CultureInfo.InvariantCulture,
                $"{_clock.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} - {category} - {level} - {message}\n"
            );
            if (error is not null)
            {
                _text.Append(error).Append('\n');
            }
        }
    }

    /// <summary>Takes part in the server's logging for the tasks that are recorded.</summary>
    internal sealed class Provider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(categoryName);

        public void Dispose()
        {
            // It holds nothing.
        }
    }

    private sealed class Logger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => Current.Value is { } log && logLevel >= log._lowest;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (Current.Value is { } log && logLevel >= log._lowest)
            {
                log.Write(category, logLevel, formatter(state, exception), exception);
            }
        }
    }
}
