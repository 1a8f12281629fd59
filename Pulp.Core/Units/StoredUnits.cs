using System.Text.Json;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Units;

/// <summary>Finds units of a kind that are stored already by what tells them apart.</summary>
internal sealed class StoredUnits(Guid domain, SqlSession tx, ResourceKind kind, IReadOnlyList<FieldDescriptor> key)
{
    /// <summary>What tells units of a kind apart.</summary>
    public static IReadOnlyList<FieldDescriptor> KeyOf(ResourceKind kind) =>
        kind.UniqueSet.Count > 0
            ? kind.UniqueSet
            : throw new InvalidOperationException($"{kind.ModelName} needs [Unique] to be synced.");

    /// <summary>What orphan clean-up is removing in this moment doesn't count as known; what was found it leaves alone.</summary>
    public async Task<Dictionary<NaturalKey, Guid>> FindAndTouchAsync(
        IReadOnlyList<KeyedItem> units,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var (known, inDanger) = await ReadAsync(
                units,
                $"(select case when {ContentInterest.IsInDanger(now)} then 1 else 0 end from core_content c where c.pulp_id = d.pulp_id)",
                cancellationToken
            );
            if (inDanger.Count == 0)
            {
                return known;
            }

            var there = await tx.BatchAsync(
                [
                    ContentInterest.Touch(inDanger, now),
                    $"select count(*) from core_content where pulp_id in {inDanger}",
                ],
                cancellationToken
            );
            if ((long?)there[0][0][0] == inDanger.Count)
            {
                return known;
            }
        }
    }

    /// <summary>Units of the batch that are stored already.</summary>
    public async Task<Dictionary<NaturalKey, Guid>> FindAsync(
        IReadOnlyList<KeyedItem> units,
        CancellationToken cancellationToken
    ) => (await ReadAsync(units, $"0", cancellationToken)).Known;

    /// <summary>Reads them by one look into the unique index for each; answers also those for which a number isn't 0.</summary>
    private async Task<(Dictionary<NaturalKey, Guid> Known, HashSet<Guid> Marked)> ReadAsync(
        IReadOnlyList<KeyedItem> units,
        SqlText mark,
        CancellationToken cancellationToken
    )
    {
        SqlText columns = $"d.pulp_id, {mark} as mark, {Sql.Names(key.Select(k => "d." + k.Column))}";
        var table = Sql.Name($"{kind.DetailTable} d");
        // Both planners are kept at this order: keys outside, the index inside. Of a table that it doesn't know yet, PostgreSQL would
        // read all that a domain has. One alone needs no list, and PostgreSQL keeps its plan.
        var sql =
            units.Count == 1
                ? (SqlText)$"select {columns} from {table} where {Same(units[0])} and d.pulp_domain_id = {domain}"
            : tx.IsPostgres
                ? (SqlText)
                    $"""
                        select f.* from {Arrays(units)} cross join lateral (
                          select {columns} from {table} where {SameInArrays()} and d.pulp_domain_id = {domain} offset 0) f
                        """
            : $"""
                select {columns} from json_each({Json(units)}) j cross join {table}
                    on {SameInJson()} and d.pulp_domain_id = {domain}
                """;
        var (found, marked) = (new Dictionary<NaturalKey, Guid>(), new HashSet<Guid>());
        await tx.ReadRowsAsync(
            sql,
            async (reader, token) =>
            {
                var row = new RowReader(reader, DomainScope.Only);
                while (await reader.ReadAsync(token))
                {
                    var (id, values) = (row.Id(0), key.Select((_, i) => reader.GetValue(i + 2)?.ToString() ?? ""));
                    found[new NaturalKey(string.Join('\0', values))] = id;
                    if (row.Integer(1) != 0)
                    {
                        marked.Add(id);
                    }
                }
            },
            cancellationToken
        );
        return (found, marked);
    }

    private SqlText Same(KeyedItem unit) =>
        Sql.All(key.Select(k => (SqlText)$"{Sql.Name("d." + k.Column)} = {k.Get(unit.Item.Declared.Content)}"));

    /// <summary>
    /// One array for each column of the key, as rows <c>j</c>. Its length is hidden from the planner, by the select: there is one way to
    /// run this anyway, and it would be planned again for each other length.
    /// </summary>
    private SqlText Arrays(IReadOnlyList<KeyedItem> units)
    {
        var arrays = key.Select(k =>
            (SqlText)$"(select {new SqlArray([.. units.Select(u => TextOf(k, u.Item.Declared.Content))])})"
        );
        return $"unnest({Sql.List(arrays)}) j({Sql.Names(key.Select((_, i) => $"k{i}"))})";
    }

    private SqlText SameInArrays() =>
        Sql.All(
            key.Select(
                (k, i) =>
                    (SqlText)$"{Sql.Name("d." + k.Column)} = cast({Sql.Name($"j.k{i}")} as {Sql.Name(PostgresType(k))})"
            )
        );

    /// <summary>A list of lists: the key's values of each unit.</summary>
    private string Json(IReadOnlyList<KeyedItem> units) =>
        JsonSerializer.Serialize(units.Select(u => key.Select(k => TextOf(k, u.Item.Declared.Content))));

    private SqlText SameInJson() =>
        Sql.All(
            key.Select((k, i) => (SqlText)$"{Sql.Name("d." + k.Column)} = json_extract(j.value, '$[{Sql.Literal(i)}]')")
        );

    private static string TextOf(FieldDescriptor field, Content unit) =>
        SqliteDialect.Convert(field.Get(unit)) is var value and not DBNull
            ? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""
            : "";

    private static string PostgresType(FieldDescriptor field) =>
        field.Type switch
        {
            FieldType.Integer => "bigint",
            FieldType.Number => "double precision",
            FieldType.Boolean => "boolean",
            FieldType.Timestamp => "timestamptz",
            FieldType.Reference => "uuid",
            _ => "text",
        };
}

/// <summary>A unit with its key.</summary>
internal sealed record KeyedItem(NaturalKey Key, SyncItem Item);

internal readonly record struct NaturalKey(string Text)
{
    public static NaturalKey Of(Content content, IReadOnlyList<FieldDescriptor> key) =>
        new(string.Join('\0', key.Select(k => k.Get(content)?.ToString() ?? "")));
}
