using System.Text.RegularExpressions;

namespace PulpPython.Names;

/// <summary>Names of projects: which there can be (PEP 508), and which are the same (PEP 503).</summary>
public static partial class ProjectName
{
    /// <summary>No name is longer: PyPI's longest has less than a third of it.</summary>
    public const int MaxLength = 256;

    /// <summary>
    /// The one spelling of a name in addresses: small letters, and a single <c>-</c> for each run of <c>-</c>, <c>_</c> and <c>.</c>.
    /// </summary>
    /// <param name="name">Any spelling.</param>
    public static string Normalize(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IsNormal(name))
        {
            return name;
        }

        Span<char> normal = name.Length <= MaxLength ? stackalloc char[name.Length] : new char[name.Length];
        var length = 0;
        foreach (var c in name)
        {
            if (c is not ('-' or '_' or '.'))
            {
                normal[length++] = char.ToLowerInvariant(c);
            }
            else if (length == 0 || normal[length - 1] != '-')
            {
                normal[length++] = '-';
            }
        }

        return new string(normal[..length]);
    }

    /// <summary>True for letters, digits, <c>.</c>, <c>_</c> and <c>-</c> of ASCII that begin and end with a letter or digit.</summary>
    /// <param name="name">Perhaps a name.</param>
    public static bool IsValid(string name) => name is { Length: <= MaxLength } && Valid().IsMatch(name);

    private static bool IsNormal(string name)
    {
        var last = ' ';
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && (c != '-' || last == '-'))
            {
                return false;
            }

            last = c;
        }

        return true;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();
}
