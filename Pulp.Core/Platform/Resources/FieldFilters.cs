using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>The filters that a field's declaration asks for.</summary>
internal static class FieldFilters
{
    public static void AddAll(ResourceKind kind)
    {
        foreach (var field in kind.Fields)
        {
            Add(
                kind,
                field.Attribute.FilterName ?? field.Name,
                kind.Column(field),
                field.Type,
                field.Attribute.Filter,
                field
            );
        }
    }

    public static void Add(
        ResourceKind kind,
        string name,
        string column,
        FieldType type,
        Lookups lookups,
        FieldDescriptor? field = null
    )
    {
        if (field?.Attribute.References is { } target)
        {
            AddReference(kind, name, field, target);
            return;
        }

        void Offer(Lookups lookup, string suffix, Func<object, SqlText> condition)
        {
            if (lookups.HasFlag(lookup))
            {
                kind.Add(
                    Filters.Sync(
                        name + suffix,
                        Schemas.Parameter(type),
                        (i, v) => Parse(i, type, v) is { } x ? condition(x) : null
                    )
                );
            }
        }

        var on = Sql.Name(column);
        Offer(Lookups.Exact, "", x => $"{on} = {x}");
        Offer(Lookups.NotEqual, "__ne", x => $"{on} <> {x}");
        Offer(Lookups.GreaterLess, "__gt", x => $"{on} > {x}");
        Offer(Lookups.GreaterLess, "__lt", x => $"{on} < {x}");
        Offer(Lookups.OrEqual, "__gte", x => $"{on} >= {x}");
        Offer(Lookups.OrEqual, "__lte", x => $"{on} <= {x}");
        AddLists(kind, name, on, type, lookups);
        AddTexts(kind, name, on, lookups);
    }

    private static void AddLists(ResourceKind kind, string name, SqlName column, FieldType type, Lookups lookups)
    {
        if (lookups.HasFlag(Lookups.In))
        {
            kind.Add(
                Filters.Sync(
                    name + "__in",
                    Schemas.ListParameter(type),
                    (i, v) => OneOf(i, column, type, Filters.Split(v))
                )
            );
        }

        if (lookups.HasFlag(Lookups.Range))
        {
            kind.Add(Filters.Sync(name + "__range", Schemas.ListParameter(type), (i, v) => Range(i, column, type, v)));
        }

        if (lookups.HasFlag(Lookups.IsNull))
        {
            kind.Add(
                Filters.Sync(
                    name + "__isnull",
                    Schemas.Parameter(FieldType.Boolean),
                    (i, v) =>
                        Parse(i, FieldType.Boolean, v) is not bool yes ? null
                        : yes ? (SqlText)$"{column} is null"
                        : $"{column} is not null"
                )
            );
        }
    }

    private static SqlText? OneOf(FilterInput input, SqlName column, FieldType type, IReadOnlyList<string> values)
    {
        if (type is FieldType.Text)
        {
            return $"{column} in {values}";
        }

        var parsed = values.Select(v => Parse(input, type, v)).ToList();
        return input.Errors.IsEmpty ? Sql.Any(parsed.Select(v => (SqlText)$"{column} = {v}")) : null;
    }

    private static SqlText? Range(FilterInput input, SqlName column, FieldType type, string value)
    {
        var ends = Filters.Split(value);
        if (ends.Count != 2)
        {
            return input.Refuse("Range query expects two values.");
        }

        return Parse(input, type, ends[0]) is { } low && Parse(input, type, ends[1]) is { } high
            ? (SqlText)$"{column} between {low} and {high}"
            : null;
    }

    private static void AddTexts(ResourceKind kind, string name, SqlName column, Lookups lookups)
    {
        void Offer(Lookups lookup, string suffix, Func<FilterInput, string, SqlText?> condition)
        {
            if (lookups.HasFlag(lookup))
            {
                kind.Add(
                    Filters.Sync(
                        name + suffix,
                        Schemas.Parameter(FieldType.Text),
                        (i, v) => Parse(i, FieldType.Text, v) is string text ? condition(i, text) : null
                    )
                );
            }
        }

        SqlText lower = $"{Sql.For("lower", "pulp_lower")}({column})";
        Offer(Lookups.Contains, "__contains", (_, v) => Position($"{column}", v));
        Offer(Lookups.IContains, "__icontains", (_, v) => Position(lower, v.ToLowerInvariant()));
        Offer(Lookups.IExact, "__iexact", (_, v) => $"{lower} = {v.ToLowerInvariant()}");
        Offer(Lookups.StartsWith, "__startswith", (_, v) => Start($"{column}", v));
        Offer(Lookups.StartsWith, "__istartswith", (_, v) => Start(lower, v.ToLowerInvariant()));
        Offer(Lookups.Regex, "__regex", (i, v) => Matches(i, column, v, ignoreCase: false));
        Offer(Lookups.Regex, "__iregex", (i, v) => Matches(i, column, v, ignoreCase: true));
    }

    private static SqlText Position(SqlText column, string value) =>
        $"{Sql.For("strpos", "instr")}({column}, {value}) > 0";

    private static SqlText Start(SqlText column, string value) =>
        $"substr({column}, 1, cast({(long)value.EnumerateRunes().Count()} as integer)) = {value}";

    private static SqlText? Matches(FilterInput input, SqlName column, string pattern, bool ignoreCase)
    {
        try
        {
            // Both databases get only patterns that can't back-track.
            _ = new Regex(pattern, SqliteFunctions.Options(ignoreCase), TimeSpan.FromSeconds(1));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return input.Refuse("Enter a valid regular expression.");
        }

        if (!input.Db.IsPostgres)
        {
            return $"pulp_matches({column}, {pattern}, {(ignoreCase ? 1L : 0L)})";
        }

        return ignoreCase ? (SqlText)$"{column} ~* {pattern}" : $"{column} ~ {pattern}";
    }

    private static void AddReference(ResourceKind kind, string name, FieldDescriptor field, Type target)
    {
        var column = Sql.Name(kind.Column(field));
        if (field.Attribute.Filter.HasFlag(Lookups.Exact))
        {
            kind.Add(
                new Filter(
                    name,
                    Schemas.Parameter(FieldType.Text),
                    async (input, value, cancellationToken) =>
                        field.Nullable && value is "" or "null"
                            ? (SqlText)$"{column} is null"
                            : $"{column} = {await input.ReferenceAsync(target, value, cancellationToken)}"
                )
                {
                    ReadsEmpty = true,
                }
            );
        }

        if (field.Attribute.Filter.HasFlag(Lookups.In))
        {
            kind.Add(Filters.ByReferences(name + "__in", target, ids => $"{column} in {ids}"));
        }
    }

    /// <summary>The value in the column's type; null after refusing it.</summary>
    public static object? Parse(FilterInput input, FieldType type, string value)
    {
        switch (type)
        {
            case FieldType.Text or FieldType.Json:
                return value;
            case FieldType.Integer when WireNumbers.TryInteger(value, out var number):
                return number;
            case FieldType.Number when WireNumbers.TryNumber(value, out var number):
                return number;
            case FieldType.Boolean when FieldConversion.TryBoolean(value, out var flag):
                return flag;
            case FieldType.Timestamp when FieldConversion.TryMoment(value, out var moment):
                return moment;
            case FieldType.Reference when Guid.TryParse(value, out var id):
                return id;
        }

        input.Refuse(
            type switch
            {
                FieldType.Timestamp => "Enter a valid date/time.",
                FieldType.Boolean => "Enter a valid boolean.",
                FieldType.Reference => "Enter a valid UUID.",
                _ => "Enter a number.",
            }
        );
        return null;
    }
}
