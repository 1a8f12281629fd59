using System.Collections.Concurrent;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>That units of one kind refer to units of another: where it stands.</summary>
/// <param name="Kind">The kind that refers.</param>
/// <param name="Other">The kind that is referred to.</param>
/// <param name="TableName">The table whose rows say so.</param>
/// <param name="Member">The member that shows many; null where a field holds one.</param>
/// <param name="From">The column with the unit that refers.</param>
/// <param name="To">The column with the unit that is referred to.</param>
internal sealed record UnitReference(
    ResourceKind Kind,
    ResourceKind Other,
    string TableName,
    string? Member,
    SqlName From,
    SqlName To
)
{
    /// <summary>The columns of a table of references.</summary>
    public static BulkColumn[] Columns { get; } =
    [new("content_id", ColumnType.Uuid), new("referred_id", ColumnType.Uuid)];

    public SqlName Table { get; } = Sql.Name(TableName);
}

/// <summary>What the plugins' kinds of content refer to.</summary>
internal sealed class UnitReferences(ResourceRegistry registry, PluginCatalog plugins)
{
    private readonly ConcurrentDictionary<Type, IReadOnlyList<UnitReference>> _byRecord = [];
    private readonly ConcurrentDictionary<string, IReadOnlyList<UnitReference>> _byRepository = new(
        StringComparer.Ordinal
    );

    /// <summary>What units of a kind refer to.</summary>
    public IReadOnlyList<UnitReference> Of(ResourceKind kind) => _byRecord.GetOrAdd(kind.Record, Read);

    /// <summary>All there are.</summary>
    public IEnumerable<UnitReference> All =>
        plugins.Plugins.SelectMany(p => p.Contents).SelectMany(c => Of(registry.For(c.Record)));

    /// <summary>What units refer to that a kind of repository may hold.</summary>
    public IReadOnlyList<UnitReference> HeldBy(string repositoryType) =>
        _byRepository.GetOrAdd(
            repositoryType,
            type =>
                [
                    .. (plugins.Repository(registry.ForType("core_repository", type).Record)?.Holds ?? []).SelectMany(
                        held => Of(registry.For(held))
                    ),
                ]
        );

    /// <summary>The condition that no unit refers to the one whose id the expression is.</summary>
    public SqlText NoneTo(SqlText unit) =>
        Sql.All([
            $"1 = 1",
            .. All.Select(r => (SqlText)$"not exists (select 1 from {r.Table} r where r.{r.To} = {unit})"),
        ]);

    /// <summary>The rows that say what units refer to.</summary>
    public BulkRows[] RowsOf(ResourceKind kind, IReadOnlyList<DeclaredContent> units) =>
        [
            .. Of(kind)
                .Where(r => r.Member is not null)
                .Select(reference => new BulkRows(
                    reference.TableName,
                    UnitReference.Columns,
                    [
                        .. units.SelectMany(u =>
                            Referred(u, reference.Member ?? "").Select(id => new object?[] { u.Content.PulpId, id })
                        ),
                    ],
                    Newness.Unknown
                )),
        ];

    private static IEnumerable<Guid> Referred(DeclaredContent unit, string member) =>
        (unit.References?.GetValueOrDefault(member) ?? []).Distinct();

    private IReadOnlyList<UnitReference> Read(Type record)
    {
        var kind = registry.For(record);
        return
        [
            .. (plugins.Content(record)?.References ?? []).Select(r =>
                r.Property is { } property
                    ? new UnitReference(
                        kind,
                        registry.For(r.Other),
                        kind.DetailTable ?? "",
                        Member: null,
                        Sql.Name("pulp_id"),
                        Sql.Name(kind.FieldOf(property).Column)
                    )
                    : new UnitReference(
                        kind,
                        registry.For(r.Other),
                        r.Table ?? "",
                        r.Member,
                        Sql.Name("content_id"),
                        Sql.Name("referred_id")
                    )
            ),
        ];
    }
}
