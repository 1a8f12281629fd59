using System.Collections.Concurrent;
using System.Reflection;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

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

/// <summary>The keys that hold in repositories, by the kind of repository: those of the kinds of content that it holds.</summary>
internal sealed class RepositoryKeys(ResourceRegistry registry, PluginCatalog plugins)
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<RepositoryKey>> _byType = new(StringComparer.Ordinal);

    public IReadOnlyList<RepositoryKey> Of(string pulpType) =>
        _byType.GetOrAdd(pulpType, type => Read(registry.ForType("core_repository", type)));

    private IReadOnlyList<RepositoryKey> Read(ResourceKind repository) =>
        [
            .. (plugins.Repository(repository.Record)?.Holds ?? [])
                .Select(registry.For)
                .Select(KeyOf)
                .OfType<RepositoryKey>(),
        ];

    private static RepositoryKey? KeyOf(ResourceKind kind) =>
        kind.Record.GetCustomAttribute<RepositoryKeyAttribute>() is { } key && kind.DetailTable is { } table
            ? new RepositoryKey(kind.PulpType, table, [.. key.Properties.Select(p => kind.FieldOf(p).Column)])
            : null;
}
