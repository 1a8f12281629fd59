using System.IO.Enumeration;
using System.Text.Json;

namespace PulpContainer.Names;

/// <summary>What a remote takes: names that one of the includes fits, where there are any, and that none of the excludes fits.</summary>
/// <param name="includes">Names with <c>*</c> and <c>?</c> as wildcards; none takes all.</param>
/// <param name="excludes">The same, to leave out.</param>
internal sealed class NamePatterns(IReadOnlyList<string> includes, IReadOnlyList<string> excludes)
{
    /// <summary>Several lists of JSON; null is an empty one.</summary>
    public static IReadOnlyList<string> ListOf(params IEnumerable<string?> json) =>
        [
            .. json.Where(j => !string.IsNullOrEmpty(j))
                .SelectMany(j => JsonSerializer.Deserialize<List<string>>(j ?? "[]") ?? []),
        ];

    /// <summary>The includes that are names and no patterns.</summary>
    public IEnumerable<string> Named => includes.Where(i => !IsPattern(i));

    /// <summary>Whether all names have to be known to say which are taken.</summary>
    public bool NeedsList => includes.Count == 0 || includes.Any(IsPattern);

    public bool Takes(string name) => (includes.Count == 0 || Fits(includes, name)) && !Excludes(name);

    public bool Excludes(string name) => Fits(excludes, name);

    private static bool Fits(IEnumerable<string> patterns, string name) =>
        patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, name, ignoreCase: false));

    private static bool IsPattern(string text) => text.AsSpan().IndexOfAny('*', '?') >= 0;
}
