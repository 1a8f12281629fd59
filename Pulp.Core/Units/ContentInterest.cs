namespace Pulp.Core.Units;

/// <summary>When units were last of interest, which keeps orphan clean-up away from them for a while.</summary>
internal static class ContentInterest
{
    /// <summary>
    /// Says that units were found: those that no repository holds could be removed at once, the others only when that was said long
    /// ago. Rows are locked by id, as everywhere. A unit that is being removed at this moment is gone behind it.
    /// </summary>
    public static SqlText Touch(IReadOnlyCollection<Guid> units, DateTimeOffset now) =>
        $"""
            update core_content set timestamp_of_interest = {now}
             where pulp_id in (select c.pulp_id from core_content c
                                where c.pulp_id in {units}
                                  and (c.timestamp_of_interest < {now.AddHours(-1)}
                                       or not exists (select 1 from core_repositorycontent rc
                                                       where rc.content_id = c.pulp_id))
                                order by c.pulp_id {Sql.For("for no key update", "")})
            """;
}
