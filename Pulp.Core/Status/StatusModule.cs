using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Status;

/// <summary>Whether the system is well.</summary>
internal sealed class StatusModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<StartPage>();
        module.Operations<StatusApi>();
    }
}
