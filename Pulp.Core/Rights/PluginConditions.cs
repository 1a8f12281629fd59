using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Rights;

/// <summary>The conditions that plugins declare.</summary>
internal sealed class PluginConditions(
    PluginCatalog plugins,
    PermissionHolders holders,
    ResourceRegistry registry,
    Database database
)
{
    private readonly Dictionary<string, ConditionDeclaration> _byName = plugins
        .Plugins.SelectMany(p => p.Conditions)
        .ToDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>Makes the condition of an argument; null where no plugin declares a function of this name.</summary>
    public Func<string, Condition>? Find(string function) =>
        _byName.GetValueOrDefault(function) is { } declared
            ? argument => new Condition(
                declared.ReadsBody,
                (asked, cancellationToken) =>
                    declared.Holds(
                        new PluginQuestion(asked, argument, holders, registry, new PluginDb(database)),
                        cancellationToken
                    )
            )
            : null;
}
