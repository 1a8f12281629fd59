using FsCheck;
using FsCheck.Fluent;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Tests.Platform;

/// <summary>The <c>q</c> parameter against its rules: NOT before AND before OR, and what is unknown doesn't match.</summary>
public sealed class FilterExpressionTests
{
    /// <summary>An expression whose terms match, don't match, or can't tell because a column is null.</summary>
    private abstract record Expression
    {
        private Expression() { }

        public sealed record Term(string Name) : Expression;

        public sealed record Not(Expression Inner) : Expression;

        public sealed record And(Expression Left, Expression Right) : Expression;

        public sealed record Or(Expression Left, Expression Right) : Expression;
    }

    private static Gen<Expression> Expressions(int depth)
    {
        var term = Gen.Elements("yes", "no", "unknown").Select(name => (Expression)new Expression.Term(name));
        if (depth == 0)
        {
            return term;
        }

        var inner = Expressions(depth - 1);
        return Gen.OneOf(
            term,
            inner.Select(e => (Expression)new Expression.Not(e)),
            inner.Two().Select(pair => (Expression)new Expression.And(pair.Item1, pair.Item2)),
            inner.Two().Select(pair => (Expression)new Expression.Or(pair.Item1, pair.Item2))
        );
    }

    private static bool Matches(Expression expression) =>
        expression switch
        {
            Expression.Term term => term.Name == "yes",
            Expression.Not not => !Matches(not.Inner),
            Expression.And and => Matches(and.Left) && Matches(and.Right),
            Expression.Or or => Matches(or.Left) || Matches(or.Right),
            _ => throw new InvalidOperationException($"{expression} isn't known."),
        };

    /// <summary>With parentheses only where the order needs them.</summary>
    private static string Text(Expression expression, int around = 0)
    {
        var (text, binds) = expression switch
        {
            Expression.Term term => ($"{term.Name}=1", 3),
            Expression.Not not => ($"NOT {Text(not.Inner, 2)}", 2),
            Expression.And and => ($"{Text(and.Left, 1)} AND {Text(and.Right, 2)}", 1),
            Expression.Or or => ($"{Text(or.Left)} OR {Text(or.Right, 1)}", 0),
            _ => throw new InvalidOperationException($"{expression} isn't known."),
        };
        return binds < around ? $"({text})" : text;
    }

    private static Task<SqlText> ParseAsync(string text) =>
        FilterExpression.ParseAsync(
            text,
            (name, _) =>
                Task.FromResult<SqlText?>(
                    SqlText.Raw(
                        name switch
                        {
                            "yes" => "1 = 1",
                            "no" => "1 = 0",
                            _ => "null = 1",
                        }
                    )
                )
        );

    private static bool Run(SqlText condition)
    {
        SqliteNative.Register();
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Made by this test
        command.CommandText = $"select count(*) where {new SqliteDialect().Render(condition).Text}";
#pragma warning restore CA2100
        return command.ExecuteScalar() is 1L;
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property An_expression_matches_what_it_says() =>
        Prop.ForAll(
            Expressions(4).ToArbitrary(),
            async expression => Run(await ParseAsync(Text(expression))) == Matches(expression)
        );

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property A_quoted_value_comes_out_as_it_went_in() =>
        Prop.ForAll(
            Gen.Elements("ab =()\"'\\,\u00e9\t".ToCharArray()).ListOf().Select(c => new string([.. c])).ToArbitrary(),
            async value =>
            {
                var given = "";
                var quoted = value.Replace("\\", "\\\\").Replace("\"", "\\\"");
                await FilterExpression.ParseAsync(
                    $"NOT(name=\"{quoted}\")",
                    (_, text) =>
                    {
                        given = text;
                        return Task.FromResult<SqlText?>(null);
                    }
                );
                return given == value;
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 1000)]
    public Property Any_text_is_an_expression_or_a_syntax_error() =>
        Prop.ForAll(
            Gen.Elements("yes", "=", "(", ")", "NOT", "AND", "OR", "\"", "'", "\\", " ", "q", "\0", "1")
                .ListOf()
                .Select(parts => string.Concat(parts))
                .ToArbitrary(),
            async text =>
            {
                try
                {
                    Run(await ParseAsync(text));
                    return true;
                }
                catch (FormatException error)
                {
                    return error.Message.Length > 0;
                }
            }
        );

    [Test]
    public void Expressions_too_deep_or_too_long_are_refused()
    {
        Assert.Multiple(() =>
        {
            foreach (
                var text in new[]
                {
                    new string('(', 50) + "yes=1" + new string(')', 50),
                    string.Join(' ', Enumerable.Repeat("NOT", 50)) + " yes=1",
                    string.Join(" OR ", Enumerable.Repeat("yes=1", 50)),
                    "name=" + new string('x', 20_000),
                }
            )
            {
                Assert.That(
                    () => ParseAsync(text),
                    Throws
                        .TypeOf<FormatException>()
                        .With.Message.EqualTo("Filter expression exceeds allowed complexity.")
                );
            }
        });
    }
}
