using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Groups;

/// <summary>Groups of users.</summary>
internal sealed class GroupsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<GroupChanges>().AddSingleton<GroupUserApi>();
        var groups = GroupKinds.Groups();
        module.Kind(groups).Kind(GroupKinds.Users(groups));
    }
}
