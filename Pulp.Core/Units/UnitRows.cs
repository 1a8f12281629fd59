using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Units;

/// <summary>Units as rows of their tables.</summary>
internal static class UnitRows
{
    /// <summary>Inserts units and what goes with them; false when some of them had been stored by somebody else meanwhile.</summary>
    public static async Task<bool> InsertAsync(
        Guid domain,
        SqlSession tx,
        ResourceKind kind,
        IReadOnlyCollection<Content> units,
        IReadOnlyList<BulkRows> along,
        CancellationToken cancellationToken
    )
    {
        var master = kind.Fields.Where(f => !f.OnDetail).ToList();
        var detail = kind.Fields.Where(f => f.OnDetail || f.PropertyName == nameof(PulpResource.PulpId)).ToList();
        BulkRows[] own = kind.DetailTable is { } table
            ? [new BulkRows(table, Columns(detail), Rows(domain, detail, units), Newness.Likely)]
            : [];
        var inserted = await tx.InsertAllAsync(
            [
                new BulkRows(kind.MasterTable, Columns(master), Rows(domain, master, units), Newness.Certain),
                .. own,
                .. along,
            ],
            cancellationToken
        );
        return own.Length == 0 || inserted[1] == units.Count;
    }

    private static BulkColumn[] Columns(IReadOnlyList<FieldDescriptor> fields) =>
        [
            .. fields.Select(f => new BulkColumn(f.Column, f.ColumnType)),
            new BulkColumn("pulp_domain_id", ColumnType.Uuid),
        ];

    private static object?[][] Rows(
        Guid domain,
        IReadOnlyList<FieldDescriptor> fields,
        IReadOnlyCollection<Content> units
    )
    {
        var rows = new object?[units.Count][];
        var at = 0;
        foreach (var unit in units)
        {
            var row = rows[at++] = new object?[fields.Count + 1];
            row[^1] = domain;
            for (var i = 0; i < fields.Count; i++)
            {
                row[i] = fields[i].Get(unit);
            }
        }

        return rows;
    }
}
