using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Signing;

/// <summary>Signing services as a kind of resource: they are added on the server itself, and only read here.</summary>
internal static class SigningKinds
{
    public static ResourceKind Kind() =>
        new("core", "signingservice", typeof(SigningService), "core_signingservice", detailTable: null)
        {
            Path = "signing-services/",
            OperationStem = "signing_services",
            Tag = "Signing-Services",
            IsForAdministrators = true,
            IsForAllToName = true,
            Verbs = Verbs.List | Verbs.Read,
        };
}
