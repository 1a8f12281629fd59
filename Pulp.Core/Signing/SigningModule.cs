using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Signing;

/// <summary>Scripts that sign for plugins.</summary>
internal sealed class SigningModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<SigningClasses>()
            .AddSingleton<SigningServices>()
            .AddScoped<ISigningServices, TaskSigning>();
        module.Kind(SigningKinds.Kind());
    }
}
