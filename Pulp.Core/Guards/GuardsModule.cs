using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Guards;

/// <summary>Content guards. There are no kinds of them yet: a distribution that names one lets nobody in.</summary>
internal sealed class GuardsModule : Module
{
    private static readonly ResourceFamily<KindDeclaration> Family = new("contentguards", typeof(ContentGuard))
    {
        Verbs = Verbs.Changeable | Verbs.Create | Verbs.Labels,
    };

    public override void Configure(ModuleBuilder module) => module.Kind(Family.Generic());
}
