using System.Globalization;
using System.Reflection;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Settings;

/// <summary>One source of settings, by upper-case name.</summary>
/// <param name="Name">How messages call it.</param>
/// <param name="Values">Its values.</param>
public sealed record SettingsSource(string Name, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>A name that no setting has is a fault here; elsewhere, as in the environment, it may be somebody else's.</summary>
    public bool IsStrict { get; init; }
}

/// <summary>Fills settings from their sources, later ones winning, and collects everything that is wrong.</summary>
public static class SettingsBinder
{
    /// <summary>Fills the object's properties.</summary>
    /// <param name="settings">Holds the defaults.</param>
    /// <param name="prefix">Of a plugin's settings, such as <c>FILE_</c>.</param>
    /// <param name="sources">In order of precedence, the strongest last.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void Bind(
        object settings,
        string prefix,
        IReadOnlyList<SettingsSource> sources,
        ICollection<string> faults
    )
    {
        foreach (var property in settings.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = prefix + NameOf(property);
            var source = sources.LastOrDefault(s => s.Values.ContainsKey(name));
            if (source is null)
            {
                continue;
            }

            var text = source.Values[name];
            if (Read(property.PropertyType, text) is { } value)
            {
                property.SetValue(settings, value);
            }
            else
            {
                faults.Add($"{name} ({source.Name}): '{Shown(name, text)}' is not {Expected(property.PropertyType)}.");
            }
        }
    }

    /// <summary>Names that strict sources hold and nobody knows.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="known">Every name, with prefixes.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void RefuseUnknown(
        IReadOnlyList<SettingsSource> sources,
        IReadOnlySet<string> known,
        ICollection<string> faults
    )
    {
        foreach (var source in sources.Where(s => s.IsStrict))
        {
            foreach (var name in source.Values.Keys.Where(n => !known.Contains(n)))
            {
                faults.Add($"{name} ({source.Name}): there is no such setting.");
            }
        }
    }

    /// <summary>All names of a settings type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="prefix">Its prefix.</param>
    public static IEnumerable<string> NamesOf(Type type, string prefix) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => prefix + NameOf(p));

    private static string NameOf(PropertyInfo property) => Names.Snake(property.Name).ToUpperInvariant();

    private static string Shown(string name, string text) =>
        name is "LDAP"
        || name.Contains("PASSWORD", StringComparison.Ordinal)
        || name.Contains("SECRET", StringComparison.Ordinal)
            ? "***"
            : text;

    private static object? Read(Type type, string text) =>
        type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                ? n
                : null,
            _ when type == typeof(long) => long.TryParse(
                text,
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var n
            )
                ? n
                : null,
            _ when type == typeof(double) => double.TryParse(text, CultureInfo.InvariantCulture, out var n)
            && double.IsFinite(n)
                ? n
                : null,
            _ when type == typeof(bool) => FieldConversion.TryBoolean(text, out var flag) ? flag : null,
            _ when type == typeof(IReadOnlyList<string>) => List(text),
            _ => throw new InvalidOperationException($"A setting can't be of type {type.Name}."),
        };

    /// <summary><c>a,b</c>, or a JSON list as Pulp's environment variables have it.</summary>
    private static IReadOnlyList<string>? List(string text)
    {
        if (!text.TrimStart().StartsWith('['))
        {
            return text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        try
        {
            return System.Text.Json.JsonSerializer.Deserialize<List<string>>(text.Replace('\'', '"'));
        }
        catch (System.Text.Json.JsonException)
        {
            return null; // The caller says what it expected.
        }
    }

    private static string Expected(Type type) =>
        type switch
        {
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(IReadOnlyList<string>) => "a list",
            _ => "a number",
        };
}
