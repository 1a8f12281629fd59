using Pulp.Core.Plugins;

namespace Pulp.Core.Guards;

/// <summary>Who is asked for which kind of guard: the server's own kinds and those of plugins.</summary>
internal sealed class GuardChecks(IReadOnlyList<GuardDeclaration> own, PluginCatalog plugins, IServiceProvider services)
{
    // Made when they are first needed: checks may need services that need what is served.
    private readonly Lazy<Dictionary<Type, AskGuard>> _byRecord = new(() =>
        own.Concat(plugins.Plugins.SelectMany(p => p.ContentGuards))
            .Where(d => d.Check is not null)
            .ToDictionary(d => d.Record, d => (d.Check ?? throw new InvalidOperationException())(services))
    );

    /// <summary>Null where nobody is.</summary>
    public AskGuard? Find(Type record) => _byRecord.Value.GetValueOrDefault(record);
}
