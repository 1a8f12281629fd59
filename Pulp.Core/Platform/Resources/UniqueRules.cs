namespace Pulp.Core.Platform.Resources;

/// <summary>What is to be unique in a domain: single fields, and fields together.</summary>
internal static class UniqueRules
{
    /// <summary>Adds an error for each unique field whose value is taken by another resource of the domain.</summary>
    public static async Task CheckAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        FieldValues values,
        ResourceKey? self,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        foreach (var (field, value) in values.All.Where(v => v.Key.Attribute.Unique && v.Value is not null))
        {
            var others = self is { } key ? (SqlText)$"{Sql.Name(kind.KeyColumn)} <> {key.Value}" : $"1 = 1";
            var domain = kind.DomainColumn is null ? (SqlText)$"1 = 1" : $"pulp_domain_id = {reach.Domain}";
            var taken = await db.FirstOrDefaultAsync<long>(
                $"""
                select 1 from {Sql.Name(kind.MasterTable)}
                 where {Sql.Name(field.Column)} = {value} and {domain} and {others}
                """,
                cancellationToken
            );
            if (taken == 1)
            {
                errors.Add(field.Name, "This field must be unique.");
            }
        }
    }

    /// <summary>Adds an error where another resource has the same in all fields that are unique together.</summary>
    public static async Task CheckSetAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        FieldValues values,
        ResourceKey? self,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        // A unit that is there already is no fault: it is the same unit.
        if (kind.UniqueSet.Count == 0 || kind.DetailTable is not null || !errors.IsEmpty)
        {
            return;
        }

        var taken = await db.FirstOrDefaultAsync<long>(
            $"""
            select 1 from {kind.From}
             where {Sql.All(kind.UniqueSet.Select(f => (SqlText)$"{Sql.Name(kind.Column(f))} = {values[f]}"))}
               and {ReachableRows.WhereAny(kind, reach)}
               and {(self is { } key ? (SqlText)$"{Sql.Name(kind.Key)} <> {key.Value}" : $"1 = 1")}
            """,
            cancellationToken
        );
        if (taken == 1)
        {
            errors.Add($"The fields {string.Join(", ", kind.UniqueSet.Select(f => f.Name))} must make a unique set.");
        }
    }
}
