using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pulp.PluginSdk.Data;

/// <summary>
/// SQL written as an interpolated string: every hole becomes a parameter, so that no value is ever part of the statement.
/// A hole with a list of ids or texts is for <c>in {list}</c>; a hole with <see cref="Sql.For"/> picks the text for the
/// database in use; a hole with another <see cref="SqlText"/> is spliced in.
/// </summary>
[InterpolatedStringHandler]
public sealed class SqlText
{
    private readonly List<object> _parts = [];
    private int _literalLeft;

    private SqlText() { }

    /// <summary>Called by the compiler.</summary>
    /// <param name="literalLength">Characters outside holes.</param>
    /// <param name="formattedCount">Holes.</param>
    public SqlText(int literalLength, int formattedCount)
    {
        _literalLeft = literalLength;
        _parts.EnsureCapacity((formattedCount * 2) + 1);
    }

    internal IReadOnlyList<object> Parts => _parts;

    /// <summary>
    /// Called by the compiler for text outside holes. Text that doesn't stand in an interpolated string is refused: it might come
    /// from a request.
    /// </summary>
    /// <param name="value">The text.</param>
    /// <exception cref="InvalidOperationException">It isn't part of the interpolated string.</exception>
    public void AppendLiteral(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _literalLeft -= value.Length;
        if (_literalLeft < 0)
        {
            throw new InvalidOperationException("A statement's text stands in an interpolated string, whole.");
        }

        _parts.Add(value);
    }

    /// <summary>Called by the compiler for a hole.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="value">The parameter's value.</param>
    public void AppendFormatted<T>(T value)
    {
        switch (value)
        {
            case SqlText nested:
                _parts.AddRange(nested._parts);
                break;
            case SqlAlternative alternative:
                _parts.Add(alternative);
                break;
            case SqlName name:
                _parts.Add(name.Text);
                break;
            default:
                _parts.Add(new SqlValue(value));
                break;
        }
    }

    /// <summary>The text for one of the databases.</summary>
    /// <exception cref="InvalidOperationException">It holds a value.</exception>
    internal string Constant(bool postgres) =>
        string.Concat(
            _parts.Select(part =>
                part switch
                {
                    string text => text,
                    SqlAlternative alternative => postgres ? alternative.Postgres : alternative.Sqlite,
                    _ => throw new InvalidOperationException("It holds a value, and has to be the same for all rows."),
                }
            )
        );

    /// <summary>The statement and its values as one text, which equal statements have in common.</summary>
    internal string Fingerprint()
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            _ = part switch
            {
                SqlValue { Value: System.Collections.IEnumerable and not string and var values } => text.Append(
                        '\u0001'
                    )
                    .AppendJoin('\u0002', values.Cast<object>().Select(Shown)),
                SqlValue { Value: var value } => text.Append('\u0001').Append(Shown(value)),
                SqlAlternative either => text.Append(either.Postgres).Append('\u0002').Append(either.Sqlite),
                _ => text.Append(part),
            };
        }

        return text.ToString();

        static string? Shown(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    /// <summary>The same, known to be Core's own: it may name what plugins' statements may not.</summary>
    internal SqlText AsCore()
    {
        var core = new SqlText();
        core._parts.AddRange(
            _parts.Select(part =>
                part switch
                {
                    string text => new SqlCore(text, text),
                    SqlAlternative two => new SqlCore(two.Postgres, two.Sqlite),
                    _ => part,
                }
            )
        );
        return core;
    }

    internal void Replace(SqlAlternative whole)
    {
        _parts.Clear();
        _parts.Add(whole);
    }

    /// <summary>Text of a declaration, never of a request: only Core may splice it.</summary>
    internal static SqlText Raw(string text)
    {
        var sql = new SqlText();
        sql._parts.Add(text);
        return sql;
    }

    /// <summary>Pieces with a text between each two.</summary>
    internal static SqlText Join(string separator, IEnumerable<SqlText> pieces)
    {
        var joined = new SqlText();
        foreach (var piece in pieces)
        {
            if (joined._parts.Count > 0)
            {
                joined._parts.Add(separator);
            }

            joined._parts.AddRange(piece._parts);
        }

        return joined;
    }
}

internal sealed record SqlValue(object? Value);

/// <summary>Text that Core wrote and plugins splice in.</summary>
internal sealed record SqlCore(string Postgres, string Sqlite);

/// <summary>
/// The declared name of a table or column, or several with commas between, as a hole of a statement that is no value. Whatever isn't
/// made of names alone is refused, so that nothing else can become a part of a statement by mistake.
/// </summary>
internal sealed record SqlName
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789_., "
    );

    public SqlName(string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyExcept(Allowed))
        {
            throw new ArgumentException($"'{text}' isn't the name of a table or column.", nameof(text));
        }

        Text = text;
    }

    public string Text { get; }
}

/// <summary>A list as one array parameter of PostgreSQL, not as rows.</summary>
internal sealed record SqlArray(IReadOnlyCollection<string> Values);

/// <summary>JSON text as a parameter.</summary>
/// <param name="Json">The text.</param>
public readonly record struct JsonText(string Json);
