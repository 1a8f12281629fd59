using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace PulpPython.Versions;

/// <summary>Conditions on versions, all of which must hold (PEP 440): <c>&gt;=1.0,!=1.5.*,~=1.4</c>. None at all take every version.</summary>
public sealed partial class VersionSpecifiers
{
    /// <summary>No list is longer.</summary>
    public const int MaxLength = 4096;

    private readonly IReadOnlyList<VersionClause> _clauses;

    private VersionSpecifiers(IReadOnlyList<VersionClause> clauses) => _clauses = clauses;

    /// <summary>Takes every version.</summary>
    public static VersionSpecifiers Any { get; } = new([]);

    /// <summary>There is no condition.</summary>
    public bool IsEmpty => _clauses.Count == 0;

    /// <summary>One of the conditions names a pre-release: then pre-releases are wanted.</summary>
    public bool AsksForPrereleases => _clauses.Any(c => c.AsksForPrereleases);

    /// <summary>Reads conditions, separated by commas. False where one isn't such a condition.</summary>
    /// <param name="text">The conditions.</param>
    /// <param name="specifiers">What they say.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionSpecifiers? specifiers)
    {
        specifiers = null;
        if (text is not { Length: <= MaxLength })
        {
            return false;
        }

        var clauses = new List<VersionClause>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var form = Form().Match(part);
            if (
                !form.Success
                || !VersionClause.TryMake(form.Groups["operator"].Value, form.Groups["version"].Value, out var clause)
            )
            {
                return false;
            }

            clauses.Add(clause);
        }

        specifiers = new VersionSpecifiers(clauses);
        return true;
    }

    /// <summary>True when every condition holds.</summary>
    /// <param name="version">The version.</param>
    /// <param name="prereleases">
    /// Whether pre-releases are taken at all; else only where a condition names one (<see cref="AsksForPrereleases"/>).
    /// </param>
    public bool Contains(PythonVersion version, bool prereleases)
    {
        ArgumentNullException.ThrowIfNull(version);
        return (prereleases || !version.IsPrerelease || AsksForPrereleases) && _clauses.All(c => c.Holds(version));
    }

    /// <inheritdoc />
    public override string ToString() => string.Join(',', _clauses);

    [GeneratedRegex(@"\A(?<operator>~=|===|==|!=|<=|>=|<|>)\s*(?<version>[^\s;)]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
