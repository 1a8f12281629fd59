using System.Reflection;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>What must be unique inside a version, of each kind of content that says so.</summary>
internal sealed record RepositoryKey(string PulpType, string Table, IReadOnlyList<string> Columns)
{
    public string SameKey(string one, string other) =>
        string.Join(" and ", Columns.Select(c => $"{one}.{c} = {other}.{c}"));
}

internal static class RepositoryKeys
{
    public static IEnumerable<RepositoryKey> All(ResourceRegistry registry)
    {
        foreach (var kind in registry.Assignable(typeof(Content)))
        {
            if (kind.Record.GetCustomAttribute<RepositoryKeyAttribute>() is { } key && kind.DetailTable is { } table)
            {
                yield return new RepositoryKey(
                    kind.PulpType,
                    table,
                    [.. key.Properties.Select(p => kind.FieldOf(p).Column)]
                );
            }
        }
    }
}
