using System.Diagnostics.CodeAnalysis;

namespace PulpPython.Versions;

/// <summary>One condition on versions.</summary>
internal sealed class VersionClause
{
    private const string Wildcard = ".*";
    private readonly string _operator;
    private readonly string _text;
    private readonly PythonVersion? _version;
    private readonly bool _isPrefix;

    private VersionClause(string @operator, string text, PythonVersion? version, bool isPrefix)
    {
        _operator = @operator;
        _text = text;
        _version = version;
        _isPrefix = isPrefix;
    }

    public bool AsksForPrereleases => _operator != "!=" && _version is { IsPrerelease: true };

    public static bool TryMake(string @operator, string text, [NotNullWhen(true)] out VersionClause? clause)
    {
        clause = null;
        if (@operator == "===")
        {
            // Any text, also of what is no version; only if it is one, pre-releases may follow from it.
            var literal = PythonVersion.TryParse(text, out var parsed) ? parsed : null;
            clause = new VersionClause(@operator, text, literal, isPrefix: false);
            return true;
        }

        var isPrefix = text.EndsWith(Wildcard, StringComparison.Ordinal);
        if (!PythonVersion.TryParse(isPrefix ? text[..^Wildcard.Length] : text, out var version))
        {
            return false;
        }

        var isEquality = @operator is "==" or "!=";
        var isWellFormed =
            (!isPrefix || (isEquality && !version.IsDevelopment && version.Local.Length == 0))
            && (version.Local.Length == 0 || isEquality)
            && (@operator != "~=" || version.Release.Count > 1);
        clause = isWellFormed ? new VersionClause(@operator, text, version, isPrefix) : null;
        return isWellFormed;
    }

    public bool Holds(PythonVersion version)
    {
        if (_operator == "===")
        {
            return version.Text.Equals(_text, StringComparison.OrdinalIgnoreCase)
                || version.Normal.Equals(_text, StringComparison.OrdinalIgnoreCase);
        }

        var named = _version ?? throw new InvalidOperationException("Only === goes without a version.");
        return _operator switch
        {
            "==" => IsEqual(version, named),
            "!=" => !IsEqual(version, named),
            ">=" => Compare(version, named) >= 0,
            "<=" => Compare(version, named) <= 0,
            "~=" => Compare(version, named) >= 0 && VersionOrder.StartsWith(version, named, named.Release.Count - 1),
            "<" => IsBefore(version, named),
            _ => IsAfter(version, named),
        };
    }

    public override string ToString() => _operator + _text;

    /// <summary>The condition names no local version, so that of the candidate doesn't count.</summary>
    private static int Compare(PythonVersion version, PythonVersion named) =>
        VersionOrder.Compare(version, named, withLocal: false);

    private bool IsEqual(PythonVersion version, PythonVersion named) =>
        _isPrefix ? HasPrefix(version, named)
        : named.Local.Length > 0 ? version.Equals(named)
        : Compare(version, named) == 0;

    private static bool HasPrefix(PythonVersion version, PythonVersion named) =>
        VersionOrder.StartsWith(version, named, named.Release.Count)
        && (!named.IsPrerelease && !named.IsPostrelease || HasSuffix(version, named));

    /// <summary>The prefix goes on behind the release: then the release is the whole one, and what is named is there.</summary>
    private static bool HasSuffix(PythonVersion version, PythonVersion named) =>
        VersionOrder.CompareReleases(version, named) == 0
        && version.Pre == named.Pre
        && (named.Post is null || version.Post == named.Post);

    /// <summary><c>&lt;1.0</c> doesn't mean its own pre-releases, unless it names one.</summary>
    private static bool IsBefore(PythonVersion version, PythonVersion named) =>
        version < named
        && (named.IsPrerelease || !version.IsPrerelease || VersionOrder.CompareReleases(version, named) != 0);

    /// <summary><c>&gt;1.0</c> doesn't mean its own corrections, unless it names one, and never its local versions.</summary>
    private static bool IsAfter(PythonVersion version, PythonVersion named) =>
        version > named
        && (
            VersionOrder.CompareReleases(version, named) != 0
            || ((named.IsPostrelease || !version.IsPostrelease) && version.Local.Length == 0)
        );
}
