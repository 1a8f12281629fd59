using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Tenancy;

/// <summary>Domains: tenants with names, content and storage of their own.</summary>
internal sealed class TenancyModule : Module
{
    public override void Configure(ModuleBuilder module) => module.Kind(DomainKinds.Kind());
}
