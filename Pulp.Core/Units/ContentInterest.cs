namespace Pulp.Core.Units;

/// <summary>When units were last of interest, which keeps orphan clean-up away from them for a while.</summary>
internal static class ContentInterest
{
    /// <summary>
    /// Says that units were found: those that no repository holds could be removed at once, the others only when that was said long
    /// ago. Rows are locked by id, as everywhere. A unit that is being removed at this moment is gone behind it.
    /// </summary>
    public static SqlText Touch(IReadOnlyCollection<Guid> units, DateTimeOffset now) =>
        Touch(units, now, IsInDanger(now));

    /// <summary>
    /// The same for units that a repository is about to hold, by rows that refer to them: those keep them from being removed, or find
    /// that they are gone. So what was of interest a moment ago isn't written again.
    /// </summary>
    public static SqlText TouchHeld(IReadOnlyCollection<Guid> units, DateTimeOffset now) =>
        Touch(units, now, $"c.timestamp_of_interest < {now.AddHours(-1)}");

    private static SqlText Touch(IReadOnlyCollection<Guid> units, DateTimeOffset now, SqlText condition) =>
        $"""
            update core_content set timestamp_of_interest = {now}
             where pulp_id in (select c.pulp_id from core_content c where c.pulp_id in {units} and {condition}
                                order by c.pulp_id {Sql.For("for no key update", "")})
            """;

    /// <summary>The condition that the unit of the row <c>c</c> could be removed, now or soon.</summary>
    public static SqlText IsInDanger(DateTimeOffset now) =>
        $"""
            (c.timestamp_of_interest < {now.AddHours(-1)}
             or not exists (select 1 from core_repositorycontent rc where rc.content_id = c.pulp_id))
            """;
}
