using System.Text;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Signing;

/// <summary>The ways in which services may sign: Pulp's own and those of plugins, as <c>label:Name</c>.</summary>
internal sealed class SigningClasses(PluginCatalog plugins)
{
    public const string Default = "core:AsciiArmoredDetachedSigningService";

    private static readonly SigningClass Detached = new()
    {
        Name = "AsciiArmoredDetachedSigningService",
        Sample = new SigningOrder { Content = Encoding.ASCII.GetBytes("arbitrary data") },
        IsDetached = true,
    };

    private readonly Dictionary<string, SigningClass> _all = plugins
        .Plugins.SelectMany(p => p.SigningClasses.Select(c => (Name: $"{p.Identity.AppLabel}:{c.Name}", Class: c)))
        .Append((Name: Default, Class: Detached))
        .ToDictionary(x => x.Name, x => x.Class, StringComparer.Ordinal);

    public IEnumerable<string> Names => _all.Keys.Order(StringComparer.Ordinal);

    public SigningClass? Find(string name) => _all.GetValueOrDefault(name);
}
