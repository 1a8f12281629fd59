using System.Text.RegularExpressions;

namespace PulpContainer.Names;

/// <summary>Names of repositories and tags, as the OCI distribution specification 1.1 has them ("Pulling manifests").</summary>
internal static partial class ImageName
{
    /// <summary>What a base path may hold, as with every distribution.</summary>
    public const int LongestName = 255;

    private const int LongestTag = 128;

    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && Name().IsMatch(text);

    public static bool IsTag(string text) => text.Length is > 0 and <= LongestTag && Tag().IsMatch(text);

    /// <summary>The part before the first slash: whose images they are.</summary>
    public static string NamespaceOf(string name) => name.Split('/', 2)[0];

    [GeneratedRegex(
        @"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();
}
