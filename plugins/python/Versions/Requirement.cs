using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using PulpPython.Names;

namespace PulpPython.Versions;

/// <summary>
/// A project and which of its versions (PEP 508): <c>name[extra]&gt;=1.0; marker</c>. The marker is kept as text: nothing here evaluates it.
/// </summary>
public sealed partial record Requirement
{
    /// <summary>No requirement is longer.</summary>
    public const int MaxLength = 8192;

    /// <summary>The project, as it was spelt.</summary>
    public required string Name { get; init; }

    /// <summary>Extras that are wanted too.</summary>
    public IReadOnlyList<string> Extras { get; init; } = [];

    /// <summary>Which versions.</summary>
    public VersionSpecifiers Specifiers { get; init; } = VersionSpecifiers.Any;

    /// <summary>Where it is to be had; null for an index.</summary>
    public string? Url { get; init; }

    /// <summary>In which environments; null for all.</summary>
    public string? Marker { get; init; }

    /// <summary>Reads a requirement. False where it isn't one.</summary>
    /// <param name="text">The requirement.</param>
    /// <param name="requirement">What it says.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Requirement? requirement)
    {
        requirement = null;
        if (text is not { Length: <= MaxLength } || Form().Match(text) is not { Success: true } form)
        {
            return false;
        }

        var versions = form.Groups["bare"].Value + form.Groups["bracketed"].Value;
        if (
            !ProjectName.IsValid(form.Groups["name"].Value)
            || !VersionSpecifiers.TryParse(versions, out var specifiers)
            || !TryParseExtras(form.Groups["extras"], out var extras)
            || (form.Groups["marker"].Success && string.IsNullOrWhiteSpace(form.Groups["marker"].Value))
        )
        {
            return false;
        }

        requirement = new Requirement
        {
            Name = form.Groups["name"].Value,
            Extras = extras,
            Specifiers = specifiers,
            Url = form.Groups["url"] is { Success: true } url ? url.Value : null,
            Marker = form.Groups["marker"] is { Success: true } marker ? marker.Value.Trim() : null,
        };
        return true;
    }

    private static bool TryParseExtras(Group text, out IReadOnlyList<string> extras)
    {
        extras =
            text.Success && text.Value.Trim().Length > 0 ? text.Value.Split(',', StringSplitOptions.TrimEntries) : [];
        return extras.All(ProjectName.IsValid);
    }

    // Each part ends where another character begins: no text makes it try twice.
    [GeneratedRegex(
        """
            \A\s*(?<name>[A-Za-z0-9._-]+)\s*
            (?:\[(?<extras>[^\]]*)\]\s*)?
            (?:@\s*(?<url>\S+)(?:\s+|\z)|\((?<bracketed>[^)]*)\)\s*|(?<bare>[<>=!~][^;]*))?
            (?:;(?<marker>.*))?\z
            """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.Singleline
    )]
    private static partial Regex Form();
}
