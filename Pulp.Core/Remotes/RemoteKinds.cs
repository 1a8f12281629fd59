using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;

namespace Pulp.Core.Remotes;

/// <summary>The kinds of remotes: members, filters, rules and their generic list.</summary>
internal static class RemoteKinds
{
    public static ResourceFamily<KindDeclaration> Family { get; } =
        new("remotes", typeof(Remote))
        {
            GenericModel = "GenericRemote",
            Verbs = Verbs.Changeable | Verbs.Create | Verbs.Labels | Verbs.Roles,
            Members = (kind, _, _) => AddMembers(kind),
            Behavior = (_, services) => Behavior(services.GetRequiredService<PulpSettings>()),
        };

    private static void AddMembers(ResourceKind kind)
    {
        FieldFilters.Add(kind, "pulp_last_updated", "m.pulp_last_updated", FieldType.Timestamp, Lookups.Date);
        kind.Outputs.Add(
            Outputs.HiddenFields([
                .. kind.Fields.Where(f => f.Attribute.Secret).Select(f => (f.Name, $"{kind.Column(f)} is not null")),
            ])
        );
    }

    private static KindBehavior Behavior(PulpSettings settings) =>
        new()
        {
            AffectsServing = true,
            Validate = (input, _) =>
            {
                RemoteRules.CheckUrl(input.Value<string>(nameof(Remote.Url)), settings, input.Errors);
                RemoteRules.CheckProxy(input);
                RemoteRules.CheckCertificates(input);
                return Task.CompletedTask;
            },
        };
}
