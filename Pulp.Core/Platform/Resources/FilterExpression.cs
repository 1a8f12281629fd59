using System.Text;

namespace Pulp.Core.Platform.Resources;

/// <summary>
/// The <c>q</c> parameter: filters joined by AND, OR, NOT and parentheses, such as
/// <c>name__startswith=a AND NOT (pulp_label_select="x=y" OR policy=streamed)</c>.
/// </summary>
internal sealed class FilterExpression
{
    private const int MaxTerms = 32;
    private const int MaxDepth = 16;
    private readonly IReadOnlyList<string> _tokens;
    private readonly Func<string, string, Task<SqlText?>> _term;
    private int _at;
    private int _terms;

    private FilterExpression(IReadOnlyList<string> tokens, Func<string, string, Task<SqlText?>> term)
    {
        _tokens = tokens;
        _term = term;
    }

    /// <exception cref="FormatException">The expression can't be read; the message says why.</exception>
    public static async Task<SqlText> ParseAsync(string text, Func<string, string, Task<SqlText?>> term)
    {
        var parser = new FilterExpression(Tokens(text), term);
        var result = await parser.OrAsync(0);
        return parser._at == parser._tokens.Count
            ? result
            : throw new FormatException($"Syntax error in expression near '{parser._tokens[parser._at]}'.");
    }

    private async Task<SqlText> OrAsync(int depth)
    {
        var left = await AndAsync(depth);
        while (Take("OR"))
        {
            var right = await AndAsync(depth);
            left = $"({left} or {right})";
        }

        return left;
    }

    private async Task<SqlText> AndAsync(int depth)
    {
        var left = await NotAsync(depth);
        while (Take("AND"))
        {
            var right = await NotAsync(depth);
            left = $"({left} and {right})";
        }

        return left;
    }

    private async Task<SqlText> NotAsync(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("Filter expression exceeds allowed complexity.");
        }

        if (Take("NOT"))
        {
            var inner = await NotAsync(depth + 1);
            return $"(not coalesce({inner}, {Sql.For("false", "0")}))";
        }

        if (Take("("))
        {
            var inner = await OrAsync(depth + 1);
            return Take(")")
                ? inner
                : throw new FormatException("Syntax error in expression: a closing parenthesis is missing.");
        }

        return await TermAsync();
    }

    private async Task<SqlText> TermAsync()
    {
        if (++_terms > MaxTerms)
        {
            throw new FormatException("Filter expression exceeds allowed complexity.");
        }

        if (_at + 2 >= _tokens.Count || _tokens[_at + 1] != "=")
        {
            throw new FormatException("Syntax error in expression: expected 'filter=value'.");
        }

        var name = _tokens[_at];
        var value = _tokens[_at + 2];
        _at += 3;
        if (name == "q")
        {
            throw new FormatException("Syntax error in expression: 'q' can't be used in itself.");
        }

        // A refused value has left its message; the condition no longer matters.
        return await _term(name, Unquote(value)) ?? $"1 = 1";
    }

    private bool Take(string token)
    {
        if (_at < _tokens.Count && _tokens[_at] == token)
        {
            _at++;
            return true;
        }

        return false;
    }

    private static string Unquote(string token) => token[0] is '"' or '\'' ? token[1..^1] : token;

    private static List<string> Tokens(string text)
    {
        if (text.Length > 10_000)
        {
            throw new FormatException("Filter expression exceeds allowed complexity.");
        }

        var tokens = new List<string>();
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c is '(' or ')' or '=')
            {
                tokens.Add(c.ToString());
                i++;
            }
            else if (c is '"' or '\'')
            {
                i = Quoted(text, i, tokens);
            }
            else
            {
                var start = i;
                while (
                    i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('(' or ')' or '=' or '"' or '\'')
                )
                {
                    i++;
                }

                tokens.Add(text[start..i]);
            }
        }

        return tokens;
    }

    private static int Quoted(string text, int start, List<string> tokens)
    {
        var quote = text[start];
        var value = new StringBuilder().Append(quote);
        var i = start + 1;
        while (i < text.Length && text[i] != quote)
        {
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] == quote || text[i + 1] == '\\'))
            {
                i++;
            }

            value.Append(text[i++]);
        }

        if (i >= text.Length)
        {
            throw new FormatException("Syntax error in expression: a closing quote is missing.");
        }

        tokens.Add(value.Append(quote).ToString());
        return i + 1;
    }
}
