using System.Collections;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// A list of ids whose number PostgreSQL's planner doesn't see, for statements that run often and cost less than planning them. A plan
/// for a list of any length is made for ten ids: one for the three that are asked about looks cheaper, and is made anew each time.
/// </summary>
internal sealed class UncountedIds(IReadOnlyCollection<Guid> ids) : IReadOnlyCollection<Guid>
{
    public int Count => ids.Count;

    public IEnumerator<Guid> GetEnumerator() => ids.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
