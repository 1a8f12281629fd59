using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Audit;

/// <summary>Who did what, for administrators to read.</summary>
internal sealed class AuditModule : Module
{
    public override void Configure(ModuleBuilder module) => module.Kind(AuditKinds.Kind()).Background<AuditLog>();
}
