using Pulp.Core.Platform.Modules;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>Content guards: who may download what a distribution serves.</summary>
internal sealed class GuardsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        var own = GuardKinds.Own(module.Services);
        module
            .Services.AddSingleton<IReadOnlyList<GuardDeclaration>>(own)
            .AddSingleton<GuardChecks>()
            .AddSingleton<GuardTable>()
            .AddSingleton<ContentGuards>()
            .AddSingleton<SignedLinks>()
            .AddSingleton<ISignedLinks, LinkSigning>()
            .AddSingleton<ClientCertificates>();
        module.Kind(GuardKinds.Family.Generic());
        foreach (var declaration in own)
        {
            module.Kind(GuardKinds.Family.Kind(declaration));
        }
    }
}
