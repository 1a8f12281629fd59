namespace Pulp.Core.Platform.Resources;

/// <summary>
/// The one door to the rows of a kind: every statement that finds, lists, changes or deletes resources takes its condition from here,
/// so that none goes by the id alone.
/// </summary>
internal static class ReachableRows
{
    /// <summary>Rows of a list. Where there is one domain, naming it would cost the lists their shortest ways.</summary>
    public static SqlText WhereListed(ResourceKind kind, Reach reach) =>
        NamesDomain(kind, reach) ? $"{WhereShown(kind, reach)} and {InDomain(kind, reach)}" : WhereShown(kind, reach);

    /// <summary>Whether a list has to say which domain's rows it is of.</summary>
    public static bool NamesDomain(ResourceKind kind, Reach reach) =>
        !reach.Scope.IsAlone && !reach.IsEverywhere && kind.DomainColumn is not null;

    /// <summary>Rows that aren't hidden from users, and that this one may see.</summary>
    private static SqlText WhereShown(ResourceKind kind, Reach reach) =>
        (reach.SeesHidden ? null : kind.Visible, reach.Sight?.Where(kind)) switch
        {
            (null, null) => $"1 = 1",
            ({ } shown, null) => shown,
            (null, { } seen) => seen,
            ({ } shown, { } seen) => $"{shown} and {seen}",
        };

    private static SqlText? InDomain(ResourceKind kind, Reach reach) =>
        kind.DomainColumn is { } domain && !reach.IsEverywhere ? (SqlText)$"{Sql.Name(domain)} = {reach.Domain}" : null;

    /// <summary>The row of a key, in <see cref="ResourceKind.From"/>.</summary>
    public static SqlText WhereKey(ResourceKind kind, Reach reach, ResourceKey key) =>
        Where(kind, reach, $"{Sql.Name(kind.Key)} = {key.Value}");

    /// <summary>All rows of a kind, in <see cref="ResourceKind.From"/>.</summary>
    public static SqlText WhereAny(ResourceKind kind, Reach reach) => Where(kind, reach, $"1 = 1");

    /// <summary>The rows of several keys, in <see cref="ResourceKind.From"/>.</summary>
    public static SqlText WhereKeys(ResourceKind kind, Reach reach, IReadOnlyList<Guid> keys) =>
        Where(kind, reach, $"{Sql.Name(kind.Key)} in {keys}");

    /// <summary>The rows for which a condition holds, in <see cref="ResourceKind.From"/>.</summary>
    public static SqlText Where(ResourceKind kind, Reach reach, SqlText which)
    {
        SqlText where = $"{which} and {WhereShown(kind, reach)}";
        return InDomain(kind, reach) is { } domain ? $"{where} and {domain}" : where;
    }

    /// <summary>The row of a key, in a statement on the master table alone.</summary>
    public static SqlText WhereMasterKey(ResourceKind kind, Reach reach, ResourceKey key) =>
        $"""
            {Sql.Name(kind.KeyColumn)} = {key.Value}
              and exists (select 1 from {kind.From} where {WhereKey(kind, reach, key)})
            """;
}
