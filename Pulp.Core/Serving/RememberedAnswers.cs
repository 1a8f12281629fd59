using System.Collections.Concurrent;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// Keeps the answers that were found, and what plugins want kept beside them, within a bound in bytes that has their paths in the sum: anybody can ask for anything. Two
/// generations share the bytes: what is used moves to the young one, and when that is full the old one is forgotten. A hit in the
/// young one takes no lock.
/// </summary>
internal sealed class RememberedAnswers(PulpSettings settings)
{
    /// <summary>Longer paths are looked up each time: hardly any file has one, and whoever makes paths up shall not fill the memory.</summary>
    private const int LongestPath = 1024;

    /// <summary>A path's object and its place in the dictionary.</summary>
    private const int BytesAround = 120;

    private readonly Lock _lock = new();
    private readonly HashSet<ServedDistribution> _distributions = [];
    private readonly long _generationBytes = settings.ContentCacheAnswerBytes / 2;
    private long _youngBytes;
    private long _oldBytes;

    /// <summary>About how much memory the answers take.</summary>
    public long Bytes => Volatile.Read(ref _youngBytes) + Volatile.Read(ref _oldBytes);

    /// <summary>How much one distribution's answers may take without pushing each other out.</summary>
    public long GenerationBytes => _generationBytes;

    /// <summary>What is remembered under a <see cref="MemoryKeys">key</see>, such as a path below the base path; null for nothing.</summary>
    public Remembered? Find(ServedDistribution distribution, ReadOnlySpan<char> path)
    {
        var answers = distribution.Answers;
        if (answers.Young.ByPath.TryGetValue(path, out var answer))
        {
            return answer;
        }

        if (answers.Old.ByPath.TryGetValue(path, out var known, out answer))
        {
            Keep(distribution, known, answer);
            return answer;
        }

        return null;
    }

    /// <summary>Keeps something for as long as it is used, and the distribution's state stays what it is.</summary>
    public void Keep(ServedDistribution distribution, string path, Remembered answer)
    {
        var bytes = BytesOf(path, answer);
        if (path.Length > LongestPath || bytes > _generationBytes / answer.LargestPart)
        {
            return;
        }

        lock (_lock)
        {
            if (distribution.Answers.IsGone || distribution.Answers.Young.Answers.ContainsKey(path))
            {
                return;
            }

            if (_youngBytes + bytes > _generationBytes)
            {
                ForgetOldGeneration();
            }

            distribution.Answers.Young.Add(path, answer, bytes);
            _youngBytes += bytes;
            _distributions.Add(distribution);
        }
    }

    /// <summary>Forgets one answer that turned out to be wrong.</summary>
    public void Forget(ServedDistribution distribution, string path)
    {
        lock (_lock)
        {
            _youngBytes -= distribution.Answers.Young.Remove(path);
            _oldBytes -= distribution.Answers.Old.Remove(path);
        }
    }

    /// <summary>Forgets all answers of a distribution whose state has changed.</summary>
    public void Forget(ServedDistribution distribution)
    {
        lock (_lock)
        {
            _youngBytes -= distribution.Answers.Young.Bytes;
            _oldBytes -= distribution.Answers.Old.Bytes;
            _distributions.Remove(distribution);
            distribution.Answers.End();
        }
    }

    private void ForgetOldGeneration()
    {
        foreach (var distribution in _distributions)
        {
            distribution.Answers.Age();
        }

        _distributions.RemoveWhere(d => d.Answers.Old.Bytes == 0);
        (_oldBytes, _youngBytes) = (_youngBytes, 0);
    }

    public static long BytesOf(string path, Remembered answer) => (2L * path.Length) + BytesAround + answer.MemoryBytes;
}

/// <summary>The remembered answers of one distribution. Read by anybody at any time; written under the lock of all.</summary>
internal sealed class AnswerGenerations
{
    private volatile Generation _young = new();
    private volatile Generation _old = Generation.Empty;

    /// <summary>What was used since the last change of generations.</summary>
    public Generation Young => _young;

    /// <summary>What was used before, and not since.</summary>
    public Generation Old => _old;

    /// <summary>The distribution isn't served any more in this state: requests that still hold it add nothing.</summary>
    public bool IsGone { get; private set; }

    public void Age() => (_old, _young) = (_young, new Generation());

    public void End() => (_old, _young, IsGone) = (Generation.Empty, Generation.Empty, true);

    public sealed class Generation
    {
        public static Generation Empty { get; } = new();

        public Generation() => ByPath = Answers.GetAlternateLookup<ReadOnlySpan<char>>();

        // One writer at a time: more locks inside would only take memory.
        public ConcurrentDictionary<string, Remembered> Answers { get; } = new(1, 31, StringComparer.Ordinal);

        public ConcurrentDictionary<string, Remembered>.AlternateLookup<ReadOnlySpan<char>> ByPath { get; }

        public long Bytes { get; private set; }

        public void Add(string path, Remembered answer, long bytes)
        {
            Answers[path] = answer;
            Bytes += bytes;
        }

        /// <summary>Answers how many bytes are free now.</summary>
        public long Remove(string path)
        {
            var bytes = Answers.TryRemove(path, out var answer) ? RememberedAnswers.BytesOf(path, answer) : 0;
            Bytes -= bytes;
            return bytes;
        }
    }
}
