using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;

namespace Pulp.Core.Remotes;

/// <summary>The kinds of remotes: members, filters, rules and their generic list.</summary>
internal static class RemoteKinds
{
    public static ResourceKind Register(KindDeclaration declaration, ResourceRegistry registry)
    {
        var kind = new ResourceKind(
            declaration.App,
            declaration.TypeName,
            declaration.Record,
            "core_remote",
            declaration.DetailTable
        )
        {
            Path = $"remotes/{declaration.App}/{declaration.TypeName}/",
            OperationStem = $"remotes_{declaration.App}_{declaration.TypeName.Replace('-', '_')}",
            Tag = $"Remotes: {Titles.Of(declaration.TypeName)}",
        };
        registry.Add(kind);
        return kind;
    }

    public static ResourceKind RegisterGeneric(ResourceRegistry registry)
    {
        var kind = new ResourceKind("core", "remote", typeof(Remote), "core_remote", detailTable: null)
        {
            Path = "remotes/",
            OperationStem = "remotes",
            Tag = "Remotes",
            ModelName = "GenericRemote",
        };
        registry.Add(kind);
        return kind;
    }

    public static void Complete(ResourceKind kind, ResourceRegistry registry)
    {
        KindCompletion.Complete(kind, registry);
        FieldFilters.Add(kind, "pulp_last_updated", "m.pulp_last_updated", FieldType.Timestamp, Lookups.Date);
        kind.Outputs.Add(HiddenFields(kind));
    }

    /// <summary>Says which secrets are set, never what they are.</summary>
    private static OutputField HiddenFields(ResourceKind kind)
    {
        var secrets = kind.Fields.Where(f => f.Attribute.Secret).ToList();
        return new OutputField(
            "hidden_fields",
            [.. secrets.Select(s => $"{kind.Column(s)} is not null")],
            (json, row, at) =>
            {
                json.WriteStartArray();
                for (var i = 0; i < secrets.Count; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("name", secrets[i].Name);
                    json.WriteBoolean("is_set", row.Flag(at + i));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            },
            Schemas
                .Array(Schemas.Of([("name", Schemas.Text()), ("is_set", Schemas.Boolean())], "is_set", "name"))
                .ReadOnly()
        );
    }

    public static KindBehavior Behavior(PulpSettings settings) =>
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
