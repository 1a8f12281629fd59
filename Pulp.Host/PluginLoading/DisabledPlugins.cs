namespace Pulp.Host.PluginLoading;

/// <summary><c>DISABLED_PLUGINS</c>: the folders, or labels, of plugins to leave out, and which of them were met.</summary>
internal sealed class DisabledPlugins(IReadOnlyCollection<string> names)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Whether the folder or label that was met is to be left out.</summary>
    public bool Has(string name)
    {
        _known.Add(name);
        return names.Contains(name);
    }

    /// <summary>A name that was never met is a mistyped one: its plugin would be loaded all the same.</summary>
    public IEnumerable<string> Faults() =>
        names
            .Where(name => !_known.Contains(name))
            .Select(name => $"DISABLED_PLUGINS: there is no plugin {name}; {There()}.");

    private string There() =>
        _known.Count > 0
            ? $"there are {string.Join(", ", _known.Order(StringComparer.Ordinal))}"
            : "there are no plugins at all";
}
