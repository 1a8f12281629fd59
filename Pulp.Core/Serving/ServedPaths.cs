using System.Collections.Frozen;

namespace Pulp.Core.Serving;

/// <summary>The paths that clients know distributions by.</summary>
internal sealed class ServedPaths(DomainDirectory directory)
{
    /// <summary>The path of a distribution; null where its domain has none.</summary>
    public string? PathOf(ServedState row, DomainDirectory.Table domains) =>
        directory.IsNamed
            ? domains.ById.TryGetValue(row.PulpDomainId, out var domain)
                ? domain.Segment + row.BasePath
                : null
            : row.PulpDomainId == Domains.Default
                ? row.BasePath
                : null;

    /// <summary>Whether it has a second one without its domain.</summary>
    public bool HasPlainPath(ServedState state, DomainDirectory.Table domains) =>
        directory.IsNamed
        && state.PulpDomainId == Domains.Default
        && !domains.ByName.ContainsKey(state.BasePath.Split('/')[0]);

    /// <summary>The domains that paths may begin with.</summary>
    /// <param name="domains">Those that there are.</param>
    /// <param name="before">Those that were known before, which mostly are the same.</param>
    public FrozenSet<string> NamesOf(DomainDirectory.Table domains, FrozenSet<string> before) =>
        !directory.IsNamed ? FrozenSet<string>.Empty
        : before.SetEquals(domains.ByName.Keys) ? before
        : domains.ByName.Keys.ToFrozenSet(StringComparer.Ordinal);
}
