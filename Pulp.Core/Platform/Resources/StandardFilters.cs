using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;

namespace Pulp.Core.Platform.Resources;

/// <summary>Filters that every list has: by href, PRN and id, by labels, and by expression.</summary>
internal static partial class StandardFilters
{
    public static void AddAll(ResourceKind kind, ResourceRegistry registry)
    {
        kind.Add(
            Filters.Sync(
                "pulp_href__in",
                Schemas.ListParameter(FieldType.Text),
                (i, v) => ByReference(i, v, "pulp_href__in")
            )
        );
        kind.Add(
            Filters.Sync("prn__in", Schemas.ListParameter(FieldType.Text), (i, v) => ByReference(i, v, "prn__in"))
        );
        kind.Add(
            Filters.Sync("pulp_id__in", Schemas.ListParameter(FieldType.Reference), (i, v) => Keys(i, Filters.Split(v)))
        );
        if (kind.Field("pulp_labels") is { } labels)
        {
            var column = Sql.Name(kind.Column(labels));
            kind.Add(
                Filters.Sync("pulp_label_select", Schemas.Parameter(FieldType.Text), (_, v) => ByLabels(column, v))
            );
        }

        if (kind.IsGeneric)
        {
            var types = registry.Assignable(kind.Record).Select(k => k.PulpType).Order(StringComparer.Ordinal).ToList();
            kind.Add(Filters.Sync("pulp_type", Schemas.Choice(types), (i, v) => Types(i, types, [v])));
            kind.Add(
                Filters.Sync("pulp_type__in", Schemas.ListOfChoices(types), (i, v) => Types(i, types, Filters.Split(v)))
            );
        }
    }

    private static SqlText? Types(FilterInput input, IReadOnlyList<string> known, IReadOnlyList<string> wanted)
    {
        var odd = wanted.FirstOrDefault(w => !known.Contains(w));
        return odd is null
            ? $"m.pulp_type in {wanted}"
            : input.Refuse($"Select a valid choice. {FilterInput.Shorten(odd)} is not one of the available choices.");
    }

    private static SqlText? ByReference(FilterInput input, string value, string name)
    {
        var ids = new List<string>();
        foreach (var one in Filters.Split(value))
        {
            var id = one.StartsWith("prn:", StringComparison.Ordinal)
                ? one[(one.LastIndexOf(':') + 1)..]
                : one.TrimEnd('/')[(one.TrimEnd('/').LastIndexOf('/') + 1)..];
            if (name == "prn__in" && !one.StartsWith("prn:", StringComparison.Ordinal))
            {
                throw new FieldlessException($"PRN not valid: {FilterInput.Shorten(one)}");
            }

            ids.Add(id);
        }

        return Keys(input, ids);
    }

    private static SqlText? Keys(FilterInput input, IReadOnlyList<string> keys)
    {
        if (input.Kind.HasIntegerKey)
        {
            var numbers = keys.Select(k => WireNumbers.TryInteger(k, out var n) ? n : -1).ToList();
            return $"{Sql.Name(input.Kind.Key)} in {numbers}";
        }

        var ids = new List<Guid>();
        foreach (var key in keys)
        {
            if (!Guid.TryParse(key, out var id))
            {
                return input.Refuse($"Enter a valid UUID: {FilterInput.Shorten(key)}");
            }

            ids.Add(id);
        }

        return $"{Sql.Name(input.Kind.Key)} in {ids}";
    }

    /// <summary><c>key</c>, <c>!key</c>, <c>key=value</c>, <c>key!=value</c>, <c>key~part</c>, joined by commas; <c>\,</c> is a comma.</summary>
    private static SqlText ByLabels(SqlName column, string selector) =>
        $"({Sql.All(SelectorComma().Split(selector).Select(term => ByLabel(column, term)))})";

    private static SqlText ByLabel(SqlName column, string term)
    {
        var match = SelectorTerm().Match(term.Replace("\\,", ",").Trim());
        if (!match.Success)
        {
            throw new FieldlessException($"Invalid search term: '{FilterInput.Shorten(term)}'.");
        }

        // It holds no quotes: its characters are restricted by the pattern.
        var key = new LabelKey(match.Groups["key"].Value);
        var value = match.Groups["value"].Value;
        SqlText has = $"({Sql.For("jsonb_exists", "json_type")}({column}, {key}) {Sql.For("", "is not null")})";
        SqlText found = $"{Sql.For("jsonb_extract_path_text", "json_extract")}({column}, {key})";
        return (match.Groups["not"].Value, match.Groups["op"].Value) switch
        {
            ("!", "") => $"not {has}",
            (_, "") => has,
            (_, "=") => $"({has} and {found} = {value})",
            (_, "!=") => $"({has} and coalesce({found}, '') <> {value})",
            _ =>
                $"{Sql.For("strpos", "instr")}({Sql.For("lower", "pulp_lower")}({found}), {value.ToLowerInvariant()}) > 0",
        };
    }

    [GeneratedRegex(@"(?<!\\),")]
    private static partial Regex SelectorComma();

    [GeneratedRegex(
        @"^(?<not>!?)(?<key>[\w .-]+?)\s*(?:(?<op>!=|=|~)(?<value>.*))?$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline
    )]
    private static partial Regex SelectorTerm();
}

/// <summary>A label's key as a parameter: PostgreSQL takes it as it is, SQLite as a JSON path.</summary>
internal readonly record struct LabelKey(string Key);
