using Pulp.Migrations.Core;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations;

/// <summary>Core's schema, in order.</summary>
public static class CoreMigrations
{
    /// <summary>Every step.</summary>
    public static IReadOnlyList<Migration> All { get; } =
    [
        new M0001Foundation(),
        new M0002Tasks(),
        new M0003SessionCredentials(),
        new M0004TaskProfiles(),
        new M0005VulnerabilityReports(),
        new M0006ContentGuards(),
        new M0007AccessTokens(),
        new M0008AuditLog(),
        new M0009Access(),
        new M0010HeldRoles(),
        new M0011SigningServices(),
        new M0012MembershipSources(),
        new M0013RolesInOrder(),
    ];
}
