using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Tenancy;

/// <summary>Domains: tenants with names, content and storage of their own.</summary>
internal sealed class TenancyModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<DomainDeletion>().AddSingleton<MigrationApi>();
        module.Kind(DomainKinds.Kind()).Task<DomainMigration>();
    }
}
