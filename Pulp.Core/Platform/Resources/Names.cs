using System.Text;

namespace Pulp.Core.Platform.Resources;

/// <summary>How C# names become names on the wire, in SQL and in settings.</summary>
internal static class Names
{
    /// <summary><c>RelativePath</c> to <c>relative_path</c>; digits stay with what is before them.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary><c>artifact</c> to <c>an artifact</c>.</summary>
    public static string WithArticle(string words) =>
        ("aeio".Contains(words[0], StringComparison.Ordinal) || words == "upload" ? "an " : "a ") + words;

    /// <summary><c>file repository</c> to <c>file repositories</c>.</summary>
    public static string Plural(string words) => words.EndsWith('y') ? words[..^1] + "ies" : words + "s";

    /// <summary><c>FileRemote</c> to <c>file remote</c>, and <c>RBACGuard</c> to <c>rbac guard</c>: for summaries.</summary>
    public static string Words(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var begins =
                char.IsUpper(name[i])
                && (!char.IsUpper(name[Math.Max(i - 1, 0)]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && i > 0)
            {
                text.Append(' ');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
