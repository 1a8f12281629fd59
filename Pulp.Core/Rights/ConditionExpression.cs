using System.Text.RegularExpressions;

namespace Pulp.Core.Rights;

/// <summary>
/// Expressions of Pulp's access policies: conditions with <c>not</c>, <c>and</c>, <c>or</c> and parentheses, of which <c>not</c> binds
/// most and <c>or</c> least.
/// </summary>
internal sealed partial class ConditionExpression
{
    private const int MaxDepth = 20;
    private readonly Func<string, Condition> _find;
    private readonly string[] _tokens;
    private int _at;

    private ConditionExpression(string text, Func<string, Condition> find)
    {
        _find = find;
        _tokens = [.. Token().Matches(text).Select(m => m.Value)];
        if (_tokens.Sum(t => t.Length) != text.Count(c => !char.IsWhiteSpace(c)))
        {
            throw new FormatException($"'{text}' can't be read.");
        }
    }

    /// <param name="text">The expression.</param>
    /// <param name="find">Finds a condition by its text.</param>
    /// <exception cref="FormatException">It is none, or a condition isn't known.</exception>
    public static Condition Parse(string text, Func<string, Condition> find)
    {
        var expression = new ConditionExpression(text, find);
        var condition = expression.Or(depth: 0);
        return expression._at == expression._tokens.Length
            ? condition
            : throw new FormatException($"'{expression._tokens[expression._at]}' isn't expected there in '{text}'.");
    }

    private string? Next => _at < _tokens.Length ? _tokens[_at] : null;

    private bool Take(string token)
    {
        if (Next != token)
        {
            return false;
        }

        _at++;
        return true;
    }

    private Condition Or(int depth)
    {
        var condition = And(depth);
        while (Take("or"))
        {
            var (left, right) = (condition, And(depth));
            condition = new Condition(
                left.ReadsBody || right.ReadsBody,
                async (asked, token) => await left.HoldsAsync(asked, token) || await right.HoldsAsync(asked, token)
            );
        }

        return condition;
    }

    private Condition And(int depth)
    {
        var condition = Not(depth);
        while (Take("and"))
        {
            var (left, right) = (condition, Not(depth));
            condition = new Condition(
                left.ReadsBody || right.ReadsBody,
                async (asked, token) => await left.HoldsAsync(asked, token) && await right.HoldsAsync(asked, token)
            );
        }

        return condition;
    }

    private Condition Not(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("It is nested too deeply.");
        }

        if (Take("not"))
        {
            var inner = Not(depth + 1);
            return inner with { HoldsAsync = async (asked, token) => !await inner.HoldsAsync(asked, token) };
        }

        if (Take("("))
        {
            var inner = Or(depth + 1);
            return Take(")") ? inner : throw new FormatException("A parenthesis isn't closed.");
        }

        var name = Next is { } token and not (")" or "and" or "or")
            ? token
            : throw new FormatException("A condition is missing.");
        _at++;
        return _find(name);
    }

    [GeneratedRegex(@"[()]|[A-Za-z0-9_:.*]+")]
    private static partial Regex Token();
}
