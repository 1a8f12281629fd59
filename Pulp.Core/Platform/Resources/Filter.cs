using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>A filter parameter of a list.</summary>
/// <param name="Name">The query parameter.</param>
/// <param name="Schema">Its schema in the API document.</param>
/// <param name="Build">Makes the condition, or adds to the errors and answers null.</param>
internal sealed record Filter(string Name, JsonObject Schema, BuildCondition Build)
{
    /// <summary>An empty value has a meaning, too; elsewhere it is as if the parameter weren't there.</summary>
    public bool ReadsEmpty { get; init; }
}

internal delegate Task<SqlText?> BuildCondition(FilterInput input, string value, CancellationToken cancellationToken);

/// <summary>What a filter may need to read its value.</summary>
internal sealed record FilterInput(
    ResourceKind Kind,
    IDb Db,
    References References,
    Reach Reach,
    ValidationErrors Errors,
    string Name
)
{
    /// <summary>Where a filter names the one set that the list is of, the list can be read along that set's own order.</summary>
    public ListDriver? Driver { get; set; }

    public SqlText? Refuse(string message)
    {
        Errors.Add(Name, message);
        return null;
    }

    /// <summary>The id an href or PRN means.</summary>
    /// <exception cref="FieldlessException">It means nothing.</exception>
    public async Task<Guid> ReferenceAsync(Type expected, string value, CancellationToken cancellationToken) =>
        await References.ResolveAsync(expected, value, Reach, cancellationToken) ?? throw NoReference(expected, value);

    /// <summary>Says that a reference means nothing.</summary>
    public FieldlessException NoReference(Type expected, string value) =>
        new(
            value.Length == 0 ? $"No value supplied for {Name} filter."
            : References.Parse(value) is null ? $"URI not valid: {Shorten(value)}"
            : $"URI {Shorten(value)} not found for {Names.Words(expected.Name)}."
        );

    public static string Shorten(string value) => value.Length > 200 ? value[..200] + "…" : value;
}

/// <summary>
/// A set to read a list along: its table comes first, its key gives the order, and its size may be known. Without it a planner
/// has to choose between walking all rows and materialising the set.
/// </summary>
/// <param name="Table">Table and alias.</param>
/// <param name="Key">The alias's column that holds the rows' keys.</param>
/// <param name="Condition">What of the table is in the set.</param>
/// <param name="Count">How many rows of the list's kind there are.</param>
/// <param name="IsWhole">Whether there are none of other kinds.</param>
internal sealed record ListDriver(SqlText Table, string Key, SqlText Condition, long Count, bool IsWhole)
{
    /// <summary>The scope that all of it is within, as whoever sees the set sees what is in it; null where that isn't so.</summary>
    public Func<ResourceKind, IScope, SqlText?>? Scope { get; init; }
}

/// <summary>A few ways to make filters.</summary>
internal static class Filters
{
    public const int MaxListEntries = 100_000;

    public static void Add(this ResourceKind kind, Filter filter) => kind.Filters[filter.Name] = filter;

    public static Filter Sync(string name, JsonObject schema, Func<FilterInput, string, SqlText?> build) =>
        new(name, schema, (input, value, _) => Task.FromResult(build(input, value)));

    /// <summary>What nothing refers to and nobody was interested in for so many minutes.</summary>
    /// <param name="unreferred">That nothing refers to it.</param>
    public static Filter OrphanedFor(SqlText unreferred) =>
        Sync(
            "orphaned_for",
            Schemas.Parameter(FieldType.Number),
            (input, value) =>
            {
                if (FieldFilters.Parse(input, FieldType.Number, value) is not double minutes)
                {
                    return null;
                }

                var since = TimeProvider.System.GetUtcNow().AddMinutes(-Math.Clamp(minutes, 0, 1e8));
                return (SqlText)$"m.timestamp_of_interest < {since} and {unreferred}";
            }
        );

    /// <summary>A filter whose value is an href or PRN.</summary>
    public static Filter ByReference(string name, Type expected, Func<Guid, SqlText> condition) =>
        new(
            name,
            Schemas.Parameter(FieldType.Text),
            async (input, value, cancellationToken) =>
                condition(await input.ReferenceAsync(expected, value, cancellationToken))
        )
        {
            ReadsEmpty = true,
        };

    /// <summary>A filter whose value is a list of hrefs or PRNs.</summary>
    public static Filter ByReferences(string name, Type expected, Func<IReadOnlyList<Guid>, SqlText> condition) =>
        new(
            name,
            Schemas.ListParameter(FieldType.Text),
            async (input, value, cancellationToken) =>
            {
                var ids = new List<Guid>();
                foreach (var one in Split(value))
                {
                    ids.Add(await input.ReferenceAsync(expected, one, cancellationToken));
                }

                return condition(ids);
            }
        );

    /// <summary>Splits a list parameter.</summary>
    public static IReadOnlyList<string> Split(string value) => value.Length == 0 ? [] : value.Split(',');
}
