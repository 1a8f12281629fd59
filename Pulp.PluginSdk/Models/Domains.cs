namespace Pulp.PluginSdk.Models;

/// <summary>Domains: tenants, each with names and content of its own (Pulp's <c>core.domain</c>).</summary>
public static class Domains
{
    /// <summary>Id of the domain <c>default</c>, which every installation has.</summary>
    public static Guid Default { get; } = new("01900000-0000-7000-8000-000000000001");
}
