using System.Reflection;

namespace Pulp.Core.Platform.Resources;

/// <summary>
/// Whether the tables have what the kinds' records say: looked at once at start, so that a forgotten migration isn't found out by
/// the first request.
/// </summary>
internal sealed class TableCheck(Database database, ResourceRegistry registry)
{
    private const string Domain = "pulp_domain_id";

    /// <summary>What doesn't agree, in one line each.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(CancellationToken cancellationToken)
    {
        var columns = (await database.QueryAsync<ColumnRow>(Columns, cancellationToken)).ToLookup(
            c => c.TableName,
            StringComparer.Ordinal
        );
        var rules = (await database.QueryAsync<ColumnRow>(UniqueColumns, cancellationToken))
            .GroupBy(c => (c.TableName, c.IndexName), c => c.Name)
            .ToLookup(g => g.Key.TableName, g => g.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return
        [
            .. registry
                .All.Where(kind => !kind.IsGeneric)
                .SelectMany(kind => WrongColumns(kind, columns).Concat(MissingRule(kind, rules))),
        ];
    }

    private static IEnumerable<string> WrongColumns(ResourceKind kind, ILookup<string, ColumnRow> columns)
    {
        foreach (var table in new[] { kind.MasterTable, kind.DetailTable }.OfType<string>())
        {
            if (!columns.Contains(table))
            {
                yield return $"{kind.SchemaName}: there is no table {table}; a migration has to make it.";
                continue;
            }

            var there = columns[table].ToDictionary(c => c.Name, StringComparer.Ordinal);
            foreach (var field in kind.Fields.Where(f => f.OnDetail == (table == kind.DetailTable)))
            {
                if (!there.TryGetValue(field.Column, out var column))
                {
                    yield return $"{kind.SchemaName}: the table {table} has no column {field.Column} for {field.PropertyName}; "
                        + "a migration has to add it.";
                }
                // What is only written may be stored as something else, as a password is.
                else if (field is { Nullable: true, Attribute.WriteOnly: false } && column.Required == 1)
                {
                    yield return $"{kind.SchemaName}: {field.PropertyName} may be null, but the column {field.Column} of {table} not; "
                        + "its migration has to say Nullable().";
                }
            }
        }
    }

    /// <summary>Saving a unit looks for the index over what makes it the same unit; of others it decides between two at once.</summary>
    private static IEnumerable<string> MissingRule(ResourceKind kind, ILookup<string, HashSet<string>> rules)
    {
        var isContent = typeof(Content).IsAssignableFrom(kind.Record);
        if (kind.UniqueSet.Count == 0 || (typeof(MasterResource).IsAssignableFrom(kind.Record) && !isContent))
        {
            return [];
        }

        var table = kind.DetailTable ?? kind.MasterTable;
        var wanted = kind.UniqueSet.Select(f => f.Column).ToList();
        return rules[table].Any(rule => rule.SetEquals([.. wanted, Domain]))
            ? []
            :
            [
                $"{kind.SchemaName}: [Unique] says {string.Join(", ", wanted)}, but the table {table} has no unique index over these "
                    + $"and {Domain}; its migration has to say UniqueInDomain({string.Join(", ", wanted.Select(c => $"\"{c}\""))}).",
            ];
    }

    private static SqlText Columns =>
        $"""
            {Sql.For(
                """
                select c.relname as table_name, a.attname as name, a.attnotnull::integer::bigint as required
                  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                 where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
                """,
                """
                select t.name as table_name, c.name as name, c."notnull" as required from sqlite_master t, pragma_table_info(t.name) c
                 where t.type = 'table'
                """
            )}
            """;

    /// <summary>Indexes with a condition of their own say nothing of all rows.</summary>
    private static SqlText UniqueColumns =>
        $"""
            {Sql.For(
                """
                select c.relname as table_name, x.relname as index_name, a.attname as name
                  from pg_index i
                  join pg_class c on c.oid = i.indrelid
                  join pg_class x on x.oid = i.indexrelid
                  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey::smallint[])
                 where c.relnamespace = current_schema()::regnamespace and i.indisunique and i.indpred is null
                """,
                """
                select t.name as table_name, i.name as index_name, c.name as name
                  from sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
                 where t.type = 'table' and i."unique" = 1 and i.partial = 0
                """
            )}
            """;

    private sealed record ColumnRow
    {
        public string TableName { get; init; } = "";

        public string IndexName { get; init; } = "";

        public string Name { get; init; } = "";

        /// <summary>1 where it takes no null.</summary>
        public long Required { get; init; }
    }
}
