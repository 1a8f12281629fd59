using System.Text.RegularExpressions;

namespace Pulp.Core.Rights;

/// <summary>
/// Expressions of Pulp's access policies: conditions with <c>not</c>, <c>and</c>, <c>or</c> and parentheses, of which <c>not</c> binds
/// most and <c>or</c> least.
/// </summary>
internal sealed partial class ConditionExpression
{
    private const int MaxDepth = 20;
    private const int MaxTokens = 1000;
    private readonly Func<string, Condition> _find;
    private readonly string[] _tokens;
    private int _at;

    private ConditionExpression(string text, Func<string, Condition> find)
    {
        _find = find;
        _tokens = [.. Token().Matches(text).Select(m => m.Value).Take(MaxTokens + 1)];
        if (_tokens.Length > MaxTokens)
        {
            throw new FormatException($"An expression has at most {MaxTokens} words and parentheses.");
        }

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

    /// <summary>The conditions that stand in an expression.</summary>
    public static IEnumerable<string> Operands(string text) =>
        Token().Matches(text).Select(m => m.Value).Where(t => t is not ("(" or ")" or "not" or "and" or "or"));

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

    private Condition Or(int depth) => Joined("or", decides: true, () => And(depth));

    private Condition And(int depth) => Joined("and", decides: false, () => Not(depth));

    /// <summary>Conditions that are asked one after the other, until one of them decides.</summary>
    private Condition Joined(string word, bool decides, Func<Condition> read)
    {
        List<Condition> terms = [read()];
        while (Take(word))
        {
            terms.Add(read());
        }

        if (terms is [var only])
        {
            return only;
        }

        async ValueTask<bool> HoldsAsync(AskedRequest asked, CancellationToken token)
        {
            foreach (var term in terms)
            {
                if (await term.HoldsAsync(asked, token) == decides)
                {
                    return decides;
                }
            }

            return !decides;
        }

        return new Condition(terms.Exists(t => t.ReadsBody), HoldsAsync);
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
