using Pulp.Core.Platform.Modules;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;

namespace Pulp.Core.Publications;

/// <summary>Publications: what is served of a version.</summary>
internal sealed class PublicationsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<PublicationBuilder>()
            .AddSingleton<ITaskLeftovers>(provider => provider.GetRequiredService<PublicationBuilder>())
            .AddSingleton<IVersionPublishing, VersionPublishing>()
            .AddSingleton<PublishDispatch>()
            .AddSingleton<PublicationApi>();
        module.Kind(PublicationKinds.Family.Generic());
    }
}
