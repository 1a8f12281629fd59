using System.Globalization;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>A list request after its parameters were read: condition, order, page and members.</summary>
internal sealed record ListRequest(
    SqlText? Condition,
    string Order,
    int Limit,
    long Offset,
    IReadOnlyList<OutputField> Outputs
)
{
    /// <summary>The set that the list is read along, where a filter named one.</summary>
    public ListDriver? Driver { get; init; }

    /// <summary>Whether the order looks at no other table than the one with this alias.</summary>
    public bool IsOrderedBy(string alias) =>
        Order.Split(", ").All(term => term.StartsWith(alias + ".", StringComparison.Ordinal));

    /// <summary>The longest page; whoever asks for more gets this many and the address of the next.</summary>
    public const int MaxLimit = 100_000;

    /// <summary>What a page holds where nobody says how much.</summary>
    public const int UsualLimit = 100;

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "limit",
        "offset",
        "ordering",
        "fields",
        "exclude_fields",
        "q",
        "format",
        "minimal",
        "page_size",
    };

    /// <exception cref="ValidationException">A parameter's value can't be used.</exception>
    /// <exception cref="InvalidFilterException">A parameter isn't known.</exception>
    public static async Task<ListRequest> ReadAsync(
        HttpRequest request,
        ResourceKind kind,
        IDb db,
        References references,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        var errors = new ValidationErrors();
        var (condition, driver) = await FiltersAsync(request, kind, db, references, reach, errors, cancellationToken);
        if (request.Query["q"].ToString() is { Length: > 0 } expression)
        {
            condition = And(
                condition,
                await ExpressionAsync(expression, kind, db, references, reach, errors, cancellationToken)
            );
        }

        var order = Ordering(request, kind, errors);
        errors.ThrowIfAny();
        return new ListRequest(
            condition,
            order,
            (int)Math.Min(Number(request, "limit", UsualLimit, atLeast: 1), MaxLimit),
            Number(request, "offset", 0, atLeast: 0),
            SelectedOutputs.Of(request, kind)
        )
        {
            Driver = driver,
        };
    }

    /// <summary>What the filters say together, but for the set along which the list is read where one names it.</summary>
    private static async Task<(SqlText? Condition, ListDriver? Driver)> FiltersAsync(
        HttpRequest request,
        ResourceKind kind,
        IDb db,
        References references,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var unknown = new List<string>();
        SqlText? condition = null;
        ListDriver? driver = null;
        foreach (var (name, values) in request.Query)
        {
            var value = string.Join(',', values.OfType<string>());
            if ((TextRules.Fault(name) ?? TextRules.Fault(value)) is { } fault)
            {
                errors.Add(FilterInput.Shorten(name), fault);
            }
            else if (Reserved.Contains(name))
            {
                continue;
            }

            if (!kind.Filters.TryGetValue(name, out var filter))
            {
                unknown.Add(FilterInput.Shorten(name));
            }
            else if ((value.Length > 0 || filter.ReadsEmpty) && errors.IsEmpty)
            {
                var input = new FilterInput(kind, db, references, reach, errors, name);
                var built = await filter.Build(input, value, cancellationToken);
                // The driver says what its condition says.
                (condition, driver) =
                    driver is null && input.Driver is { } named ? (condition, named) : (And(condition, built), driver);
            }
        }

        if (unknown.Count > 0)
        {
            throw new InvalidFilterException(unknown);
        }

        errors.ThrowIfAny();
        return (condition, driver);
    }

    private static SqlText? And(SqlText? left, SqlText? right) =>
        left is null ? right
        : right is null ? left
        : $"{left} and {right}";

    private static async Task<SqlText?> ExpressionAsync(
        string expression,
        ResourceKind kind,
        IDb db,
        References references,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await FilterExpression.ParseAsync(
                expression,
                async (name, value) =>
                {
                    if (!kind.Filters.TryGetValue(name, out var filter))
                    {
                        throw new FormatException($"Filter '{FilterInput.Shorten(name)}' does not exist.");
                    }

                    var input = new FilterInput(kind, db, references, reach, errors, "q");
                    return await filter.Build(input, value, cancellationToken);
                }
            );
        }
        catch (FormatException error)
        {
            errors.Add("q", error.Message);
            return null;
        }
    }

    private static string Ordering(HttpRequest request, ResourceKind kind, ValidationErrors errors)
    {
        var terms = new List<string>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var term in request.Query["ordering"].OfType<string>().SelectMany(v => v.Split(',')).Select(t => t.Trim())
        )
        {
            if (term.Length == 0)
            {
                continue;
            }

            var descending = term[0] == '-';
            if (!kind.Orderings.TryGetValue(descending ? term[1..] : term, out var sql))
            {
                errors.Add(
                    "ordering",
                    $"Select a valid choice. {FilterInput.Shorten(term)} is not one of the available choices."
                );
                continue;
            }

            // What is named again decides nothing, and databases take only so many.
            if (named.Add(sql))
            {
                terms.Add(sql + (descending ? " desc" : ""));
            }
        }

        if (terms.Count == 0 && kind.Order is { } order)
        {
            terms.Add(order);
        }

        // The key comes last, so that pages never overlap.
        if (!named.Contains(kind.Key))
        {
            terms.Add(kind.Key + " desc");
        }

        return string.Join(", ", terms);
    }

    private static long Number(HttpRequest request, string name, long otherwise, long atLeast) =>
        WireNumbers.TryInteger(request.Query[name].ToString(), out var number) && number >= atLeast
            ? number
            : otherwise;

    /// <summary>The address of another page, as the client would have written it, with sorted parameters.</summary>
    public static string PageUrl(HttpContext context, int limit, long offset)
    {
        var request = context.Request;
        var query = request
            .Query.Where(q => q.Key is not ("limit" or "offset"))
            .SelectMany(q => q.Value.OfType<string>().Select(v => (q.Key, Value: v)))
            .Append(("limit", limit.ToString(CultureInfo.InvariantCulture)));
        if (offset > 0)
        {
            query = query.Append(("offset", offset.ToString(CultureInfo.InvariantCulture)));
        }

        var text = string.Join(
            '&',
            query
                .OrderBy(q => q.Item1, StringComparer.Ordinal)
                .Select(q => $"{Uri.EscapeDataString(q.Item1)}={Uri.EscapeDataString(q.Item2)}")
        );
        return $"{request.Scheme}://{request.Host}{context.RequestedPath()}?{text}";
    }
}
