using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Access;

/// <summary>Who may do what.</summary>
internal sealed class AccessModule : Module
{
    public override void Configure(ModuleBuilder module) => module.Services.AddSingleton<AccessGate>();
}
