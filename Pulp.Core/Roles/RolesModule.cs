using Pulp.Core.Groups;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Users;

namespace Pulp.Core.Roles;

/// <summary>Roles, and who has them.</summary>
internal sealed class RolesModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<AssignmentApi>().AddSingleton<ObjectRoleChanges>();
        module
            .Kind(RoleKinds.Kind())
            .Kind(AssignmentKinds.OfUsers(module.KindOf(typeof(User))))
            .Kind(AssignmentKinds.OfGroups(module.KindOf(typeof(Group))))
            .Operations<ObjectRoles>();
    }
}
