using System.Reflection;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>What must be unique inside a version, of each kind of content that says so.</summary>
internal sealed record RepositoryKey(string PulpType, string DetailTable, IReadOnlyList<string> Columns)
{
    /// <summary>The table of the kind's units.</summary>
    public SqlName Table { get; } = Sql.Name(DetailTable);

    /// <summary>The first column of the key, for messages.</summary>
    public SqlName First { get; } = Sql.Name(Columns[0]);

    /// <summary>The condition that two units have the same key, under these aliases.</summary>
    public SqlText Same(string one, string other) =>
        Sql.All(Columns.Select(c => (SqlText)$"{Sql.Name($"{one}.{c}")} = {Sql.Name($"{other}.{c}")}"));
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
