namespace Pulp.Core.Users;

/// <summary>
/// Hashes passwords beside the thread pool: a hash takes a core for a third of a second, on purpose, and who guesses would
/// otherwise take the threads that serve content. Half the cores at most work on it, and what waits is bounded.
/// </summary>
internal sealed class PasswordWork : IDisposable
{
    private const int MaxWaiting = 32;

    private readonly object _lock = new();
    private readonly Queue<Action> _first = new();
    private readonly Queue<Action> _others = new();
    private readonly Dictionary<string, Task<bool?>> _checking = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private bool _started;
    private bool _stopped;
    private int _taken;
    private long _iterations;

    /// <summary>The work that checks have cost so far.</summary>
    public long Iterations => Interlocked.Read(ref _iterations);

    /// <summary>Makes a hash for an account whose password is being set: that was admitted already, so it never has to go.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken)
    {
        var made = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            Enqueue(_first, () => made.TrySetResult(PasswordHash.Make(password)), made.TrySetException);
        }

        return made.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Checks a password against what is stored, if anything is; answers null when too much is waiting already.</summary>
    /// <param name="guess">Names this guess: several at once are one piece of work.</param>
    /// <param name="password">The password.</param>
    /// <param name="stored">What the account has.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="turn">How it has to queue.</param>
    public Task<bool?> CheckAsync(string guess, string password, string? stored, string address, Turn turn)
    {
        var checkedIt = new TaskCompletionSource<bool?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_checking.TryGetValue(guess, out var same))
            {
                return same;
            }

            var queue = turn.First ? _first : _others;
            var ofAddress = _byAddress.GetValueOrDefault(address);
            if (queue.Count >= MaxWaiting || ofAddress >= turn.AtOnce)
            {
                return Task.FromResult<bool?>(null);
            }

            _checking[guess] = checkedIt.Task;
            _byAddress[address] = ofAddress + 1;
            Enqueue(
                queue,
                () =>
                {
                    var (fits, work) = PasswordHash.Check(password, stored);
                    Interlocked.Add(ref _iterations, work);
                    Leave(guess, address);
                    checkedIt.TrySetResult(fits);
                },
                error =>
                {
                    Leave(guess, address);
                    return checkedIt.TrySetException(error);
                }
            );
            return checkedIt.Task;
        }
    }

    private void Leave(string guess, string address)
    {
        lock (_lock)
        {
            _checking.Remove(guess);
            if (_byAddress.TryGetValue(address, out var count) && count > 1)
            {
                _byAddress[address] = count - 1;
            }
            else
            {
                _byAddress.Remove(address);
            }
        }
    }

    private void Enqueue(Queue<Action> queue, Action work, Func<Exception, bool> fail)
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        queue.Enqueue(() =>
        {
            try
            {
                work();
            }
            catch (Exception error)
            {
                fail(error); // Whoever waits for it gets it.
            }
        });
        if (!_started)
        {
            _started = true;
            for (var i = 0; i < Math.Max(1, Environment.ProcessorCount / 2); i++)
            {
                new Thread(Run) { IsBackground = true, Name = "passwords" }.Start();
            }
        }

        Monitor.Pulse(_lock);
    }

    private void Run()
    {
        while (true)
        {
            Action work;
            lock (_lock)
            {
                while (!_stopped && _first.Count + _others.Count == 0)
                {
                    Monitor.Wait(_lock);
                }

                if (_stopped)
                {
                    return;
                }

                // Every fourth turn is for those behind: strangers from ever new addresses don't make them wait for ever.
                var turnOfOthers = _first.Count == 0 || (_others.Count > 0 && ++_taken % 4 == 0);
                work = (turnOfOthers ? _others : _first).Dequeue();
            }

            work();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
    }
}

/// <summary>How a guess has to queue.</summary>
/// <param name="First">Before those from addresses that have guessed wrong.</param>
/// <param name="AtOnce">How many of its address may be there at once.</param>
internal readonly record struct Turn(bool First, int AtOnce);
