using Pulp.Core.Platform.Changes;

namespace Pulp.Core.Serving;

/// <summary>Changes to what is served that were heard of and aren't read yet, beside those that the database has counted.</summary>
internal sealed class HeardChanges(TimeProvider clock)
{
    /// <summary>How long a change that was counted may stay unheard of, before everything is read for its sake.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<ServingChange> _changes = [ServingChange.Unknown];
    private long? _behindSince;

    public void Add(ServingChange change)
    {
        lock (_gate)
        {
            _changes.Add(change);
        }
    }

    public ServingChange[] Take()
    {
        lock (_gate)
        {
            ServingChange[] taken = [.. _changes];
            _changes.Clear();
            return taken;
        }
    }

    /// <summary>
    /// Whether all that the database has counted was heard of, or will be in a moment: whoever makes a change says so when it is
    /// committed, and under load there often is one that was counted and not said yet. One that is never heard of leaves what was heard
    /// behind what is counted for good: that is seen after a second, however many others come. One caller at a time.
    /// </summary>
    /// <param name="counted">What the database has counted.</param>
    /// <param name="heard">How far what was heard of reaches.</param>
    public bool Explain(long counted, long heard)
    {
        if (heard >= counted)
        {
            _behindSince = null;
            return true;
        }

        var since = _behindSince ??= clock.GetTimestamp();
        var isSoon = clock.GetElapsedTime(since) < Patience;
        if (!isSoon)
        {
            // Everything is read now.
            _behindSince = null;
        }

        return isSoon;
    }
}
