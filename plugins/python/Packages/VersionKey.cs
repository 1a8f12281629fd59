using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PulpPython.Packages;

/// <summary>
/// A version as a text that sorts by code point as PEP 440 orders versions, so that databases compare them. Versions that mean the same
/// have the same key; what is no version sorts before all others.
/// </summary>
internal static partial class VersionKey
{
    /// <summary>The key of a version as it is written; empty when it is none.</summary>
    public static string Of(string version) =>
        Versions.PythonVersion.TryParse(version, out var parsed) ? Of(parsed) : "";

    /// <summary>The key of a version.</summary>
    public static string Of(Versions.PythonVersion version)
    {
        var parts = Shape().Match(version.Normal);
        var key = new StringBuilder();
        Number(key, parts.Groups["epoch"].Value);
        foreach (var number in WithoutZeros(parts.Groups["release"].Value))
        {
            Number(key.Append('1'), number);
        }

        // Fewer numbers come first, so their end sorts before another number.
        key.Append('0');
        Pre(key, parts);
        Part(key, parts.Groups["post"], absent: "0", present: "1");
        Part(key, parts.Groups["dev"], absent: "1", present: "0");
        Local(key, parts.Groups["local"].Value);
        return key.ToString();
    }

    private static IEnumerable<string> WithoutZeros(string release)
    {
        var numbers = release.Split('.');
        var last = Array.FindLastIndex(numbers, n => n.Trim('0').Length > 0);
        return numbers.Take(last + 1);
    }

    /// <summary>Alpha, beta and candidate; a version in development comes before them, a finished one after.</summary>
    private static void Pre(StringBuilder key, Match parts)
    {
        if (parts.Groups["pre"] is { Success: true, Value: var letter })
        {
            Number(key.Append('1').Append(letter[0]), parts.Groups["number"].Value);
            return;
        }

        key.Append(parts.Groups["dev"].Success && !parts.Groups["post"].Success ? '0' : '2');
    }

    private static void Part(StringBuilder key, Group part, string absent, string present)
    {
        key.Append(part.Success ? present : absent);
        if (part.Success)
        {
            Number(key, part.Value);
        }
    }

    /// <summary>Words come before numbers, and fewer parts before more.</summary>
    private static void Local(StringBuilder key, string local)
    {
        foreach (var part in local.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            key.Append('1');
            if (part.All(char.IsAsciiDigit))
            {
                Number(key.Append('b'), part);
            }
            else
            {
                key.Append('a').Append(part).Append('!');
            }
        }

        key.Append('0');
    }

    /// <summary>More digits mean a larger number; PEP 440 doesn't limit them, a version's length does.</summary>
    private static void Number(StringBuilder key, string digits)
    {
        var number = digits.TrimStart('0');
        key.Append(CultureInfo.InvariantCulture, $"{number.Length:D3}").Append(number);
    }

    [GeneratedRegex(
        @"^((?<epoch>\d+)!)?(?<release>\d+(\.\d+)*)((?<pre>a|b|rc)(?<number>\d+))?(\.post(?<post>\d+))?(\.dev(?<dev>\d+))?(\+(?<local>.+))?$",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Shape();
}
