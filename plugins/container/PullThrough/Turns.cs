using System.Collections.Concurrent;

namespace PulpContainer.PullThrough;

/// <summary>Lets those who want the same thing go one after the other: who comes later finds what the first has brought.</summary>
internal sealed class Turns
{
    private readonly ConcurrentDictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn, which lasts until it is disposed.</summary>
    public async ValueTask<IDisposable> TakeAsync(string key, CancellationToken cancellationToken)
    {
        Turn turn;
        do
        {
            turn = _turns.GetOrAdd(key, k => new Turn(this, k));
        } while (!turn.Join());

        try
        {
            await turn.WaitAsync(cancellationToken);
            return turn;
        }
        catch
        {
            turn.Leave();
            throw;
        }
    }

    private sealed class Turn(Turns turns, string key) : IDisposable
    {
        private readonly SemaphoreSlim _free = new(1);
        private int _users;

        /// <summary>False when its last user has just left.</summary>
        public bool Join()
        {
            lock (_free)
            {
                if (_users < 0)
                {
                    return false;
                }

                _users++;
                return true;
            }
        }

        public Task WaitAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

        public void Leave()
        {
            lock (_free)
            {
                if (--_users == 0)
                {
                    _users = -1;
                    turns._turns.TryRemove(KeyValuePair.Create(key, this));
                }
            }
        }

        public void Dispose()
        {
            _free.Release();
            Leave();
        }
    }
}
