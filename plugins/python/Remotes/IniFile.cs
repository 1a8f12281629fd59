using Pulp.PluginSdk.Errors;

namespace PulpPython.Remotes;

/// <summary>A configuration in sections, as Python's configparser reads it: <c>name = value</c>, lines that go on are indented.</summary>
internal sealed class IniFile
{
    private readonly Dictionary<(string Section, string Name), List<string>> _options = [];

    private IniFile() { }

    /// <exception cref="ValidationException">It is none.</exception>
    public static IniFile Parse(string field, string text)
    {
        var file = new IniFile();
        string? section = null;
        List<string>? last = null;
        foreach (var (number, raw) in text.Split('\n').Index())
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (char.IsWhiteSpace(raw[0]) && last is not null)
            {
                last.Add(line);
            }
            else if (line[0] == '[' && line.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
            {
                (section, last) = (line[1..end], null);
            }
            else if (section is not null && line.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value])
            {
                file._options[(section, name.ToLowerInvariant())] = last = [value];
            }
            else
            {
                throw new ValidationException(field, $"Line {number + 1} is neither a section nor an option.");
            }
        }

        return section is null ? throw new ValidationException(field, "It has no sections.") : file;
    }

    /// <summary>The lines of an option that aren't empty; none where it isn't there.</summary>
    public IReadOnlyList<string> Lines(string section, string name) =>
        _options.TryGetValue((section, name), out var lines) ? [.. lines.Where(l => l.Length > 0)] : [];

    /// <summary>The first line of an option; null where it isn't there or empty.</summary>
    public string? Value(string section, string name) => Lines(section, name) is [var first, ..] ? first : null;
}
