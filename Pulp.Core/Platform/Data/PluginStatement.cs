using System.Collections.Frozen;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// What plugins' statements may name of the server's own tables: the published ones, to read. It finds mistakes in a statement's
/// text and is no fence: a plugin is code of the server's own process.
/// </summary>
internal static class PluginStatement
{
    private const string Prefix = "core_";

    private static readonly FrozenSet<string> Published = new[]
    {
        "core_artifact",
        "core_content",
        "core_contentartifact",
        "core_signingservice",
        "core_distribution",
        "core_publication",
        "core_repository",
        "core_repositorycontent",
        "core_repositoryversion",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">It names a table that isn't published, or writes one.</exception>
    public static SqlText Check(SqlText sql)
    {
        if (sql.Parts.Any(NamesCore))
        {
            Scan(sql);
        }

        return sql;
    }

    /// <exception cref="InvalidOperationException">The table is the server's.</exception>
    public static string CheckWritten(string table) =>
        table.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? throw NotWritten(table) : table;

    private static bool NamesCore(object part) =>
        part switch
        {
            string text => text.Contains(Prefix, StringComparison.OrdinalIgnoreCase),
            SqlAlternative two => NamesCore(two.Postgres) || NamesCore(two.Sqlite),
            _ => false,
        };

    private static void Scan(SqlText sql)
    {
        var context = new Context();
        foreach (var part in sql.Parts)
        {
            switch (part)
            {
                case string text:
                    context.Scan(text);
                    break;
                case SqlAlternative two:
                    var other = context;
                    other.Scan(two.Postgres);
                    context.Scan(two.Sqlite);
                    break;
                default:
                    context.Scan("?");
                    break;
            }
        }
    }

    private static InvalidOperationException NotWritten(string table) =>
        new($"A plugin's statement can't write {table}: that is the server's business.");

    /// <summary>Where in a statement the next word stands.</summary>
    private struct Context()
    {
        private bool _isFirst = true;
        private bool _isDefinition;
        private bool _isDeletion;
        private bool _isWritten;

        public void Scan(ReadOnlySpan<char> text)
        {
            for (var at = 0; at < text.Length; )
            {
                var length = WordAt(text[at..]);
                if (length > 0)
                {
                    Take(text.Slice(at, length), isQualifier: IsFollowedByDot(text[(at + length)..]));
                    at += length;
                    continue;
                }

                // Whatever isn't a space or a quotation mark ends the part that says what is written.
                if (!char.IsWhiteSpace(text[at]) && text[at] is not ('"' or '.'))
                {
                    _isWritten = false;
                    _isFirst |= text[at] == ';';
                }

                at++;
            }
        }

        private void Take(ReadOnlySpan<char> word, bool isQualifier)
        {
            if (word.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && !isQualifier)
            {
                Name(word);
                _isWritten = false;
            }
            else if (!isQualifier)
            {
                Keyword(word);
            }

            _isFirst = false;
        }

        private readonly void Name(ReadOnlySpan<char> table)
        {
            if (!Published.GetAlternateLookup<ReadOnlySpan<char>>().Contains(table))
            {
                throw new InvalidOperationException(
                    $"A plugin's statement can't name {table}: that isn't one of the server's published tables."
                );
            }

            if (_isWritten || _isDefinition)
            {
                throw NotWritten(table.ToString());
            }
        }

        private void Keyword(ReadOnlySpan<char> word)
        {
            Span<char> small = stackalloc char[10];
            var keyword = word.Length <= small.Length ? small[..word.ToLowerInvariant(small)] : [];
            if (_isFirst)
            {
                _isDefinition = keyword is "alter" or "comment" or "create" or "drop" or "lock" or "truncate";
            }

            _isWritten =
                keyword is "into" or "update"
                || (keyword is "from" && _isDeletion)
                || (
                    _isWritten && keyword is "abort" or "fail" or "ignore" or "only" or "or" or "replace" or "rollback"
                );
            _isDeletion = keyword is "delete";
        }

        private static int WordAt(ReadOnlySpan<char> text)
        {
            var length = text.IndexOfAnyExcept(Words);
            return length < 0 ? text.Length : length;
        }

        private static bool IsFollowedByDot(ReadOnlySpan<char> rest) => rest.TrimStart('"').StartsWith('.');
    }

    private static readonly System.Buffers.SearchValues<char> Words = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    );
}
