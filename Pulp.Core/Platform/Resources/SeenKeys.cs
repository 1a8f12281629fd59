namespace Pulp.Core.Platform.Resources;

/// <summary>The keys of all rows of a kind that somebody sees, read where they stand instead of asking each row.</summary>
/// <param name="Sources">Where they are; none where nothing is seen.</param>
/// <param name="AreDisjoint">Whether no key is in two of them.</param>
internal sealed record SeenKeys(IReadOnlyList<KeySource> Sources, bool AreDisjoint)
{
    /// <summary>
    /// A select of a text that is another one whenever there are more or less keys; null where they are counted anew each time.
    /// </summary>
    public SqlText? Stamp { get; init; }

    /// <summary>
    /// The <see cref="Stamp"/> of what follows from repositories, other kinds whose changes are counted as changes of what is served,
    /// and roles.
    /// </summary>
    public static SqlText Counted =>
        $"select cast(sum(value) as text) from core_stamp where name in ('serving', 'access')";

    /// <summary>How the keys are divided; null where they aren't.</summary>
    public KeyPlaces? Places { get; init; }

    /// <summary>The same keys, as they stand in their places.</summary>
    public SeenKeys In(IReadOnlyList<Guid>? places) =>
        places is null || Places is null ? this : new SeenKeys([.. places.Select(Places.Of)], places.Count < 2);

    private static readonly SqlText Nothing = $"select pulp_id from core_role where 1 = 0";

    /// <summary>How many there are, as a select of one number.</summary>
    public SqlText Count =>
        Sources.Count == 0 ? (SqlText)$"select 0"
        : AreDisjoint ? (SqlText)$"select {Sql.Sum(Sources.Select(CountOf))}"
        : $"select count(*) from ({Sql.Union(Sources.Select(s => s.Select()), distinct: true)}) seen";

    /// <summary>For <c>in (...)</c>.</summary>
    public SqlText All => Sources.Count == 0 ? Nothing : Sql.Union(Sources.Select(s => s.Select()));

    /// <summary>
    /// Some of them in their order, each once, as <c>page_key</c>. Each source is read along its own index for as much as it takes,
    /// which planners don't find out for the whole.
    /// </summary>
    public SqlText Page(long limit, long offset, bool descending)
    {
        SqlText order = descending ? (SqlText)$"desc" : $"asc";
        SqlText range = offset == 0 ? Limit(limit) : (SqlText)$"{Limit(limit)} offset {offset}";
        return Sources.Count switch
        {
            0 => $"select pulp_id as page_key from ({Nothing}) seen",
            1 => $"{Sources[0].Select()} order by {Sources[0].Column} {order} {range}",
            _ =>
                $"select page_key from ({Sql.Union(Sources.Select(Start), distinct: !AreDisjoint)}) seen order by page_key {order} {range}",
        };

        SqlText Start(KeySource source) =>
            $"select page_key from ({source.Select()} order by {source.Column} {order} {Limit(limit + offset)}) part";
    }

    private static SqlText CountOf(KeySource source) => $"(select count({source.Selected}) from {source.From})";

    private static SqlText Limit(long limit) => $"limit {Sql.Literal(limit)}";
}

/// <summary>Keys that are divided among places, in each of which they stand in order.</summary>
/// <param name="All">A select of the places' ids.</param>
/// <param name="Of">The keys of a place.</param>
internal sealed record KeyPlaces(SqlText All, Func<Guid, KeySource> Of);

/// <summary>A place that holds keys.</summary>
/// <param name="Column">The column.</param>
/// <param name="From">What stands behind <c>from</c>: tables, and conditions without <c>or</c> between them.</param>
/// <param name="Repeats">Whether it may hold one several times.</param>
internal sealed record KeySource(SqlName Column, SqlText From, bool Repeats)
{
    /// <summary>What is counted and selected.</summary>
    public SqlText Selected => Repeats ? (SqlText)$"distinct {Column}" : $"{Column}";

    /// <summary>Whether it holds a row's key. SQLite would copy all of them to answer <c>in</c>, for one row too.</summary>
    public SqlText Has(SqlName key) => $"exists (select 1 from {From} and {Column} = {key})";

    /// <summary>All of them, as <c>page_key</c>.</summary>
    public SqlText Select() => $"select {Selected} as page_key from {From}";
}
